"""Installing, upgrading and checking the gate on databases of their own."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from local.keys import LOGINS, SUPERUSER
from local.postgres import Cluster
from opt_in.gate import bootstrap, selfcheck
from opt_in.gate.bootstrap import MigrationChanged

from .conftest import CLOCK, install
from .world import Connection, Gate, offer_at, register_school

RUNTIME = [login for login in LOGINS if login != SUPERUSER]


@pytest.fixture
def fresh(cluster: Cluster) -> Iterator[Connection]:
    """A newly installed gate, as its superuser sees it."""
    install(cluster, "fresh")
    with psycopg.connect(cluster.conninfo(SUPERUSER, "fresh"), autocommit=True) as connection:
        yield connection
    with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE fresh WITH (FORCE)")


def findings_of(cluster: Cluster, login: str) -> list[str]:
    with psycopg.connect(cluster.conninfo(login, "fresh")) as connection:
        return selfcheck.findings(connection)


def test_the_manifest_describes_a_fresh_installation(fresh: Connection) -> None:
    described = selfcheck.describe(fresh)

    assert described == json.loads(selfcheck.MANIFEST.read_text()), "run python -m opt_in.gate.selfcheck --write"


@pytest.mark.parametrize("login", RUNTIME)
def test_every_process_finds_a_fresh_gate_sound(login: str, cluster: Cluster, fresh: Connection) -> None:
    assert findings_of(cluster, login) == []


def test_a_superuser_is_told_that_it_may_not_serve(fresh: Connection) -> None:
    assert any("superuser" in finding for finding in selfcheck.findings(fresh))


def test_a_clock_that_can_be_set_is_found(cluster: Cluster, fresh: Connection) -> None:
    fresh.execute(CLOCK.read_bytes())

    found = findings_of(cluster, "app_dispatch")

    assert any("consent_test" in finding for finding in found)
    assert any("consent.now()" in finding and "body" in finding for finding in found)


def test_a_gate_that_is_not_there_is_found(cluster: Cluster, fresh: Connection) -> None:
    fresh.execute("DROP SCHEMA consent CASCADE")

    with pytest.raises(selfcheck.UnsoundGate, match="not installed"):
        selfcheck.require_sound_gate(psycopg.connect(cluster.conninfo("app_school", "fresh")))


def test_installing_again_changes_nothing(cluster: Cluster, fresh: Connection) -> None:
    before = fresh.execute("SELECT * FROM consent.migration ORDER BY file").fetchall()

    install(cluster, "fresh")

    assert fresh.execute("SELECT * FROM consent.migration ORDER BY file").fetchall() == before


def test_an_upgrade_keeps_the_facts_and_restores_every_guard(cluster: Cluster, fresh: Connection) -> None:
    gate = Gate(cluster, "fresh")
    school = register_school(gate)
    offer = offer_at(school)
    gate.claim(offer.envelope)
    leaves = school.leaves("dispatch")
    fresh.execute("UPDATE consent.migration SET sha256 = 'of an older release' WHERE file LIKE '60%'")
    fresh.execute("DROP TRIGGER append_only ON consent.leaf")
    fresh.execute("CREATE FUNCTION consent.of_an_older_release() RETURNS int LANGUAGE sql RETURN 1")

    bootstrap.install(fresh)

    assert findings_of(cluster, "app_dispatch") == []
    assert school.leaves("dispatch") == leaves
    school.connection.close()
    gate.close()


def test_a_changed_table_file_is_refused_and_nothing_happens(fresh: Connection, tmp_path: Path) -> None:
    folder = tmp_path / "sql"
    shutil.copytree(bootstrap.SQL_FOLDER, folder)
    with (folder / "10_register.sql").open("a") as file:
        file.write("\nDROP TABLE consent.contact CASCADE;\n")

    with pytest.raises(MigrationChanged, match=r"10_register\.sql"):
        bootstrap.install(fresh, folder)

    assert fresh.execute("SELECT to_regclass('consent.contact')").fetchone() == ("consent.contact",)


def test_an_upgrade_that_fails_leaves_the_gate_as_it_was(cluster: Cluster, fresh: Connection, tmp_path: Path) -> None:
    folder = tmp_path / "sql"
    shutil.copytree(bootstrap.SQL_FOLDER, folder)
    with (folder / "95_grants.sql").open("a") as file:
        file.write("\nSELECT 1 / 0;\n")

    with pytest.raises(psycopg.errors.DivisionByZero) as failure:
        bootstrap.install(fresh, folder)

    assert failure.value.__notes__ == ["while running 95_grants.sql"]
    assert findings_of(cluster, "app_dispatch") == []


def test_passwords_stand_in_no_statement(cluster: Cluster, fresh: Connection) -> None:
    stored: dict[str, str] = dict(
        fresh.execute("SELECT rolname, rolpassword FROM pg_authid WHERE rolcanlogin").fetchall()
    )

    assert {login: stored[login][:14] for login in RUNTIME} == dict.fromkeys(RUNTIME, "SCRAM-SHA-256$")


def test_without_all_passwords_nothing_is_made(cluster: Cluster) -> None:
    with pytest.raises(ValueError, match="ledger_witness"):
        bootstrap.bootstrap(cluster.conninfo(SUPERUSER, "postgres"), {"app_school": "x"}, "never")

    with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres")) as connection:
        assert connection.execute("SELECT FROM pg_database WHERE datname = 'never'").fetchall() == []
