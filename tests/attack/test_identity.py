"""Nobody becomes somebody else."""

import psycopg
import pytest
from psycopg import sql

from local.environment import PROCESSES, environment_for
from local.keys import LOGINS, SUPERUSER

from .world import DATABASE, INSUFFICIENT_PRIVILEGE, Gate, School, refusal, rows

OWNERS = ("consent_owner", "gate_school", "zgoda_owner", SUPERUSER)


@pytest.mark.parametrize("login", LOGINS)
def test_a_login_becomes_no_other_login_and_no_owner(gate: Gate, login: str) -> None:
    others = [name for name in (*LOGINS, *OWNERS) if name != login]

    with gate.login(login) as connection:
        for name in others:
            for statement in (
                f"SET ROLE {name}",
                f"SET LOCAL ROLE {name}",
                f"SET SESSION AUTHORIZATION {name}",
                f"SELECT set_config('role', '{name}', false)",
                f"SELECT set_config('session_authorization', '{name}', false)",
                f"GRANT {name} TO {login}",
            ):
                if statement == "GRANT gate_school TO zgoda_owner":
                    continue  # it has ADMIN on the group, and gains nothing: see the provisioner's own test below
                assert refusal(connection, statement) == INSUFFICIENT_PRIVILEGE, statement
        assert rows(connection, "SELECT session_user, current_user") == [(login, login)]


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_a_login_enters_no_other_database(gate: Gate, login: str, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(gate.cluster.conninfo(login, database))


@pytest.mark.parametrize("login", [login for login in LOGINS if login != "app_school"])
def test_only_app_school_can_act_as_a_school(gate: Gate, school: School, login: str) -> None:
    before = gate.fingerprint()

    with gate.login(login) as connection:
        assert refusal(connection, f"SET ROLE {school.role}") == INSUFFICIENT_PRIVILEGE
        assert refusal(connection, f"SELECT set_config('role', '{school.role}', false)") == INSUFFICIENT_PRIVILEGE
        assert refusal(connection, "SELECT consent.go_live(%s)", school.director) == INSUFFICIENT_PRIVILEGE

    assert gate.fingerprint() == before


def test_app_school_without_a_school_executes_nothing_of_the_gate(gate: Gate, school: School) -> None:
    before = gate.fingerprint()

    with gate.login("app_school") as connection:
        assert refusal(connection, "SELECT consent.revoke(%s, 'x')", school.director) == INSUFFICIENT_PRIVILEGE
        assert refusal(connection, "SELECT consent.instructions()") == INSUFFICIENT_PRIVILEGE

    assert gate.fingerprint() == before


@pytest.mark.parametrize("login", LOGINS)
def test_no_login_switches_triggers_off(gate: Gate, login: str) -> None:
    with gate.login(login) as connection:
        for statement in (
            "SET session_replication_role = replica",
            "SELECT set_config('session_replication_role', 'replica', false)",
            f"ALTER ROLE {login} SET session_replication_role = replica",
            "SET row_security = off; SET allow_system_table_mods = on",
        ):
            assert refusal(connection, statement) == INSUFFICIENT_PRIVILEGE, statement
    with (
        pytest.raises(psycopg.OperationalError, match="session_replication_role"),
        gate.login(login, options="-c session_replication_role=replica"),
    ):
        pass


def test_the_guard_triggers_fire_even_for_a_replica_session(gate: Gate, school: School) -> None:
    """A superuser is not held by the gate, but a mere setting does not switch its triggers off."""
    before = gate.fingerprint()

    with gate.login(SUPERUSER, options="-c session_replication_role=replica") as connection:
        for statement in (
            "UPDATE consent.leaf SET body = '{}'",
            "DELETE FROM consent.leaf",
            "TRUNCATE consent.leaf",
            "UPDATE consent.school SET role_name = NULL",
            "UPDATE consent.subject SET key = ''",
        ):
            assert refusal(connection, statement) == "ZG001", statement

    assert gate.fingerprint() == before


def test_the_provisioner_can_neither_alter_the_gate_nor_become_a_school(gate: Gate, school: School) -> None:
    before = gate.fingerprint()

    with gate.login("zgoda_owner") as connection:
        for statement in (
            "GRANT consent_owner TO zgoda_owner",
            "ALTER ROLE consent_owner LOGIN",
            "ALTER ROLE app_dispatch PASSWORD 'mine'",
            "ALTER ROLE app_vendor BYPASSRLS",
            "ALTER ROLE zgoda_owner SUPERUSER",
            "CREATE ROLE mine SUPERUSER",
            "CREATE ROLE mine BYPASSRLS",
            "CREATE ROLE mine IN ROLE consent_owner",
            "CREATE ROLE mine IN ROLE app_dispatch",
            "DROP ROLE app_vendor",
            "DROP ROLE consent_owner",
            f"ALTER ROLE {SUPERUSER} PASSWORD 'mine'",
            "SELECT consent.claim('{}')",
            "SELECT consent.judge(1)",
            "SELECT consent.go_live(gen_random_uuid())",
            f"SET ROLE {school.role}",
        ):
            assert refusal(connection, statement) == INSUFFICIENT_PRIVILEGE, statement

    assert gate.fingerprint() == before


def test_the_provisioner_is_no_school_for_the_gate_even_when_it_hands_itself_a_schools_role(
    gate: Gate, school: School
) -> None:
    """Whoever creates a role can hand it to itself; the gate therefore looks at the login as well."""
    gate.authorise(school)
    before = {table: print_ for table, print_ in gate.fingerprint().items() if table.startswith("consent.")}

    with gate.login("zgoda_owner") as connection:
        role = sql.Identifier(school.role)
        connection.execute(sql.SQL("GRANT {} TO zgoda_owner WITH INHERIT TRUE, SET TRUE").format(role))
        try:
            connection.execute(sql.SQL("SET ROLE {}").format(role))
            assert refusal(connection, "SELECT consent.revoke(%s, 'x')", school.director) == "ZG001"
            assert refusal(connection, "SELECT consent.suspend(%s)", school.director) == "ZG001"
            assert refusal(connection, "SELECT * FROM consent.instructions()") == "ZG001"
        finally:
            connection.execute("RESET ROLE")
            connection.execute(sql.SQL("REVOKE {} FROM zgoda_owner GRANTED BY zgoda_owner").format(role))

    assert {table: print_ for table, print_ in gate.fingerprint().items() if table in before} == before


def test_a_schools_role_cannot_read_another_schools_schema(gate: Gate, school: School, other_school: School) -> None:
    with gate.acting_for(school) as connection:
        diary = sql.SQL("SELECT * FROM {}.diary")
        own = diary.format(sql.Identifier(school.role)).as_string()
        foreign = diary.format(sql.Identifier(other_school.role)).as_string()

        assert rows(connection, own) == [("private",)]
        for statement in (
            foreign,
            foreign.replace("SELECT * FROM", "DELETE FROM"),
            foreign.replace("SELECT * FROM", "LOCK"),
        ):
            assert refusal(connection, statement) == INSUFFICIENT_PRIVILEGE


@pytest.mark.parametrize(
    "login", ["app_vendor", "app_public", "app_keeper", "app_dispatch", "ledger_witness", "app_school"]
)
def test_a_login_reads_no_schools_schema(gate: Gate, school: School, login: str) -> None:
    with gate.login(login) as connection:
        statement = sql.SQL("SELECT * FROM {}.diary").format(sql.Identifier(school.role)).as_string()
        assert refusal(connection, statement) == INSUFFICIENT_PRIVILEGE


def test_a_schools_role_cannot_name_another_school_in_the_gate(
    gate: Gate, school: School, other_school: School
) -> None:
    gate.authorise(other_school)
    before = gate.fingerprint()

    with gate.acting_for(school) as connection:
        for query in ("SELECT consent.revoke(%s, 'x')", "SELECT consent.suspend(%s)"):
            assert refusal(connection, query, other_school.director) == "ZG001"
        consent = "SELECT consent.withdraw_consent(%s, %s, 'vendor_offers', 'email')"
        assert refusal(connection, consent, other_school.guardian, other_school.guardian) == "ZG003"
        assert refusal(connection, "SELECT consent.erase_subject(%s)", other_school.guardian) == "ZG003"
        for reader in ("instructions()", "resolutions()", f"consents_of('{other_school.guardian}')"):
            assert rows(connection, f"SELECT * FROM consent.{reader}") == []
        assert (
            refusal(connection, "SELECT consent.register_school(%s, 'x', '{}', 'PL', '{}', 'UTC')", school.id)
            == "42501"
        )

    assert gate.fingerprint() == before


def test_a_setting_that_anybody_may_set_is_no_identity(gate: Gate, school: School) -> None:
    gate.authorise(school)
    before = gate.fingerprint()

    with gate.login("app_school") as connection:
        for statement in (f"SET zgoda.school = '{school.id}'", f"SET consent.role = '{school.role}'"):
            connection.execute(statement.encode())
        assert refusal(connection, "SELECT consent.revoke(%s, 'x')", school.director) == INSUFFICIENT_PRIVILEGE

    assert gate.fingerprint() == before


@pytest.mark.parametrize("login", LOGINS)
def test_one_logins_password_opens_no_other_login(gate: Gate, login: str) -> None:
    password = gate.cluster.password_of(login)

    for other in (*(name for name in LOGINS if name != login), SUPERUSER):
        for attempt in (password, ""):
            with pytest.raises(psycopg.OperationalError), psycopg.connect(
                host=gate.cluster.host, port=gate.cluster.port, user=other, password=attempt, dbname=DATABASE,
                passfile="/dev/null",
            ):  # fmt: skip
                pass


def test_one_processs_environment_opens_no_other_login(gate: Gate) -> None:
    for name, process in PROCESSES.items():
        values = set(environment_for(name, gate.cluster.state).values())

        held = {login for login in (*LOGINS, SUPERUSER) if gate.cluster.password_of(login) in values}

        assert held == {process.login}, name


def test_every_password_is_kept_as_scram_and_no_line_trusts(gate: Gate) -> None:
    stored: dict[str, str] = dict(gate.inspect("SELECT rolname, rolpassword FROM pg_authid WHERE rolcanlogin"))

    assert set(stored) == {*LOGINS, SUPERUSER}
    assert all(password.startswith("SCRAM-SHA-256$") for password in stored.values())
    assert gate.inspect("SELECT DISTINCT auth_method FROM pg_hba_file_rules") == [("scram-sha-256",)]
