"""Isolation under load, its quick part, and that it can fail. The long one is make prove."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from local.keys import SUPERUSER
from local.postgres import Cluster
from proofs import isolation
from proofs.isolation import (
    IsolationBroken,
    Load,
    platform_with_schools,
    require_control_failed,
    require_isolated,
    run_load,
    schemas,
    stray_rows,
)

SEED = 20261121


def test_no_row_of_a_wrong_school_is_read_or_written_while_everything_goes_wrong() -> None:
    proof = isolation.prove(seed=SEED, seconds=25, quick=True)

    assert proof.figures["wrong rows"] == 0
    assert int(proof.figures["reads"]) + int(proof.figures["writes"]) >= isolation.QUICK_OPERATIONS
    for trouble in ("errors survived", "cancelled", "killed", "jobs"):
        assert int(proof.figures[trouble]) > 10, trouble
    for control in ("wrong with `with tenant:`", "wrong with the stock backend"):
        assert int(proof.figures[control]) > 0, control


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with platform_with_schools(3) as cluster:
        yield cluster


@pytest.mark.parametrize("entry", ["with", "stock"])
def test_the_proof_fails_on_a_backend_that_mixes_schools_up(cluster: Cluster, entry: str) -> None:
    load = run_load(cluster, entry, SEED, 800)

    with pytest.raises(IsolationBroken, match="reads of a wrong school"):
        require_isolated(load, 800, SEED)


def test_a_row_in_the_wrong_school_is_found(cluster: Cluster) -> None:
    run_load(cluster, "context", SEED, 100)
    clean = stray_rows(cluster)
    with psycopg.connect(cluster.conninfo(SUPERUSER)) as connection:
        (home, schema), (away, _), *_ = schemas(connection)
        people = sql.Identifier(schema, "people_user")
        query = sql.SQL("UPDATE {} SET given_name = {} WHERE username = 'seed-1'")
        connection.execute(query.format(people, away))

    found = stray_rows(cluster)

    assert clean == []
    assert [row.partition(" in ")[2] for row in found] == [home]


def load_with(**changes: object) -> Load:
    known = {"reads": 60, "writes": 40, "jobs": 1, "wrong": 0, "examples": [], "unexpected": [], "errors": {}}
    return Load(**(known | {"turns": {}, "sabotage": {}, "seconds": 1.0} | changes))  # type: ignore[arg-type]


def test_work_that_was_not_done_and_errors_that_nobody_caused_are_no_proof() -> None:
    require_isolated(load_with(), 100, SEED)

    for broken in (load_with(reads=59), load_with(unexpected=["KeyError"]), load_with(wrong=1)):
        with pytest.raises(IsolationBroken):
            require_isolated(broken, 100, SEED)


def test_a_control_without_a_wrong_row_makes_the_proof_void() -> None:
    with pytest.raises(IsolationBroken, match="proves nothing"):
        require_control_failed("the stock backend", load_with())
