from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import opt_in.gate
from local.keys import LOGINS, SUPERUSER
from local.postgres import Cluster
from opt_in.gate.bootstrap import bootstrap

from .world import Gate, Offer, School, offer_at, register_school

CLOCK = Path(opt_in.gate.__file__).with_name("testing") / "clock.sql"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with Cluster.temporary(durable=False) as cluster:
        yield cluster


def install(cluster: Cluster, database: str) -> None:
    bootstrap(
        cluster.conninfo(SUPERUSER, "postgres"), {login: cluster.password_of(login) for login in LOGINS}, database
    )


@pytest.fixture(scope="session")
def gate(cluster: Cluster) -> Iterator[Gate]:
    """A gate whose clock tests can set. What tests write is committed; each test has schools of its own."""
    install(cluster, "gate")
    with psycopg.connect(cluster.conninfo(SUPERUSER, "gate")) as connection:
        connection.execute(CLOCK.read_bytes())
    gate = Gate(cluster, "gate")
    yield gate
    gate.close()


@pytest.fixture
def school(gate: Gate) -> Iterator[School]:
    made = register_school(gate)
    yield made
    made.connection.close()


@pytest.fixture
def other_school(gate: Gate) -> Iterator[School]:
    made = register_school(gate)
    yield made
    made.connection.close()


@pytest.fixture
def offer(school: School) -> Offer:
    return offer_at(school)
