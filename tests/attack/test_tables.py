"""No runtime login touches a table of the gate, whatever statement it tries."""

import psycopg
import pytest

from local.keys import LOGINS

from .world import INSUFFICIENT_PRIVILEGE, Gate, School, refusal

STATEMENTS = (
    "SELECT * FROM {table}",
    "SELECT FROM {table} FOR SHARE",
    "SELECT FROM {table} FOR UPDATE",
    "INSERT INTO {table} DEFAULT VALUES",
    "UPDATE {table} SET {column} = DEFAULT",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
    "MERGE INTO {table} t USING (VALUES (1)) v (n) ON true WHEN MATCHED THEN DELETE",
    "COPY {table} TO STDOUT",
    "COPY {table} FROM STDIN",
    "LOCK TABLE {table} IN ACCESS SHARE MODE",
    "LOCK TABLE {table} IN ROW EXCLUSIVE MODE",
    "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} ADD COLUMN mine int",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "CREATE INDEX ON {table} ({column})",
    "CREATE TABLE public.mine (LIKE {table})",
    "CREATE TEMP TABLE mine () INHERITS ({table})",
    "COMMENT ON TABLE {table} IS 'mine'",
    "GRANT SELECT ON {table} TO PUBLIC",
    "DROP TABLE {table} CASCADE",
    "REINDEX TABLE {table}",
    "CREATE STATISTICS mine ON ctid, {column} FROM {table}",
)


def columns(gate: Gate) -> dict[str, str]:
    found = gate.inspect(
        "SELECT attrelid::regclass::text, quote_ident(attname) FROM pg_attribute"
        " WHERE attnum = 1 AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'consent'::regnamespace)"
    )
    return dict(found)


@pytest.mark.parametrize("login", LOGINS)
def test_a_runtime_login_can_do_nothing_to_a_table_of_the_gate(gate: Gate, school: School, login: str) -> None:
    gate.queued_offer(school)
    before = gate.fingerprint()
    first_column = columns(gate)

    with gate.login(login) as connection:
        allowed = attempts(connection, gate.tables(), first_column)

    assert allowed == []
    assert gate.fingerprint() == before


def test_a_schools_role_can_do_nothing_to_a_table_of_the_gate(gate: Gate, school: School) -> None:
    gate.queued_offer(school)
    before = gate.fingerprint()
    first_column = columns(gate)

    with gate.acting_for(school) as connection:
        allowed = attempts(connection, gate.tables(), first_column)

    assert allowed == []
    assert gate.fingerprint() == before


def attempts(connection: psycopg.Connection, tables: list[str], first_column: dict[str, str]) -> list[str]:
    assert len(tables) > 15
    statements = [
        statement.format(table=table, column=first_column[table]) for table in tables for statement in STATEMENTS
    ]
    return [statement for statement in statements if refusal(connection, statement) != INSUFFICIENT_PRIVILEGE]


@pytest.mark.parametrize("login", LOGINS)
def test_a_runtime_login_cannot_move_a_sequence_of_the_gate(gate: Gate, login: str) -> None:
    sequences = gate.inspect(
        "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'consent'::regnamespace AND relkind = 'S'"
    )
    assert sequences

    with gate.login(login) as connection:
        for (sequence,) in sequences:
            for statement in (f"SELECT nextval('{sequence}')", f"SELECT setval('{sequence}', 1)", f"TABLE {sequence}"):
                assert refusal(connection, statement) == INSUFFICIENT_PRIVILEGE, statement


@pytest.mark.parametrize("login", LOGINS)
def test_a_runtime_login_cannot_change_the_schema_of_the_gate(gate: Gate, login: str) -> None:
    before = gate.fingerprint()
    statements = (
        "CREATE TABLE consent.mine (id int)",
        "CREATE FUNCTION consent.mine() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE VIEW consent.mine AS SELECT 1",
        "CREATE OR REPLACE FUNCTION consent.now() RETURNS timestamptz LANGUAGE sql RETURN 'epoch'::timestamptz",
        "ALTER FUNCTION consent.now() RESET ALL",
        "ALTER FUNCTION consent.now() OWNER TO CURRENT_USER",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA consent TO PUBLIC",
        "DROP FUNCTION consent.now() CASCADE",
        "ALTER SCHEMA consent RENAME TO mine",
        "ALTER SCHEMA consent OWNER TO CURRENT_USER",
        "DROP SCHEMA consent CASCADE",
        "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE EXTENSION pgcrypto SCHEMA consent",
        "ALTER DEFAULT PRIVILEGES FOR ROLE consent_owner GRANT ALL ON TABLES TO PUBLIC",
        "REASSIGN OWNED BY consent_owner TO CURRENT_USER",
        "DROP OWNED BY consent_owner",
        "ALTER DATABASE zgoda SET session_replication_role = replica",
        "ALTER SYSTEM SET session_replication_role = replica",
        "UPDATE pg_catalog.pg_proc SET prosrc = 'SELECT 1'",
        "UPDATE pg_catalog.pg_trigger SET tgenabled = 'D'",
        "SET allow_system_table_mods = on",
    )

    with gate.login(login) as connection:
        allowed = [statement for statement in statements if not refusal(connection, statement)]

    assert allowed == []
    assert gate.fingerprint() == before
