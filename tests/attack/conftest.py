from collections.abc import Iterator

import pytest

from local.keys import LOGINS, SUPERUSER
from local.postgres import Cluster
from opt_in.gate.bootstrap import bootstrap

from .world import DATABASE, Gate, School


@pytest.fixture(scope="session")
def gate() -> Iterator[Gate]:
    with Cluster.temporary(durable=False) as cluster:
        passwords = {login: cluster.password_of(login) for login in LOGINS}
        bootstrap(cluster.conninfo(SUPERUSER, "postgres"), passwords, DATABASE)
        yield Gate(cluster)


@pytest.fixture
def school(gate: Gate) -> School:
    return gate.register_school()


@pytest.fixture
def other_school(gate: Gate) -> School:
    return gate.register_school("Himnaziia Sosny")
