"""Temporary tables, paths and look-alikes do not fool a function that runs with its owner's rights."""

import pytest
from psycopg import Connection

from local.keys import LOGINS

from .world import INSUFFICIENT_PRIVILEGE, Gate, School, refusal, rows

LOOK_ALIKES = (
    "school",
    "school_lock",
    "subject",
    "contact",
    "request",
    "envelope",
    "instruction",
    "consent_event",
    "leaf",
)


def test_every_function_pins_its_path_with_temporary_objects_last(gate: Gate) -> None:
    loose = gate.inspect(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'consent'::regnamespace"
        " AND NOT coalesce('search_path=pg_catalog, consent, pg_temp' = ANY (proconfig), false)"
    )

    assert loose == []


@pytest.mark.parametrize("login", [login for login in LOGINS if login != "zgoda_owner"])
def test_a_runtime_login_cannot_make_a_temporary_table_or_a_schema(gate: Gate, login: str) -> None:
    with gate.login(login) as connection:
        for statement in (
            "CREATE TEMP TABLE school (LIKE pg_class)",
            "CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql RETURN 'epoch'::timestamptz",
            "CREATE SCHEMA mine",
            "CREATE TABLE public.school (id int)",
            "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql RETURN 'epoch'::timestamptz",
        ):
            assert refusal(connection, statement) == INSUFFICIENT_PRIVILEGE, statement


def test_temporary_look_alikes_change_nothing_even_for_a_login_that_may_make_them(gate: Gate, school: School) -> None:
    """The right to make temporary objects is taken away; the pinned path must hold without that."""
    envelope = gate.queued_offer(school)
    gate.inspect("GRANT TEMPORARY ON DATABASE zgoda TO PUBLIC")
    try:
        with gate.login("app_dispatch") as connection:
            plant_look_alikes(connection)
            verdict = rows(connection, "SELECT verdict FROM consent.claim(ARRAY[%s]::uuid[])", envelope)
            assert verdict == [("ALLOW",)]
        with gate.login("app_vendor") as connection:
            plant_look_alikes(connection)
            proposed = rows(connection, "SELECT consent.propose('{}')")[0][0]
            assert gate.inspect("SELECT act FROM consent.request WHERE campaign_id = %s", proposed) == [("propose",)]
        with gate.acting_for(school) as connection:
            plant_look_alikes(connection)
            rows(connection, "SELECT consent.revoke(%s, 'x')", school.director)
    finally:
        gate.inspect("REVOKE TEMPORARY ON DATABASE zgoda FROM PUBLIC")

    assert gate.inspect("SELECT state FROM consent.envelope WHERE envelope_id = %s", envelope) == [("claimed",)]
    revoked = gate.inspect("SELECT revoked_at IS NOT NULL FROM consent.instruction WHERE school_id = %s", school.id)
    assert revoked == [(True,)]


def plant_look_alikes(connection: Connection) -> None:
    for table in LOOK_ALIKES:
        connection.execute(f"CREATE TEMP TABLE {table} (school_id uuid, role_name text, state text)".encode())
    for function, kind in (("sha256(bytea)", "bytea"), ("clock_timestamp()", "timestamptz"), ("uuidv7()", "uuid")):
        connection.execute(
            f"CREATE FUNCTION pg_temp.{function} RETURNS {kind} LANGUAGE sql RETURN NULL::{kind}".encode()
        )
    connection.execute("SET search_path = pg_temp, public, pg_catalog, consent")


def test_a_login_cannot_reach_the_gate_through_operators_or_casts_of_its_own(gate: Gate) -> None:
    with gate.login("zgoda_owner") as connection:
        for statement in (
            "CREATE CAST (text AS uuid) WITH INOUT AS IMPLICIT",
            "CREATE OPERATOR pg_catalog.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)",
            "CREATE FUNCTION pg_catalog.mine() RETURNS int LANGUAGE sql RETURN 1",
            "CREATE OR REPLACE FUNCTION pg_catalog.now() RETURNS timestamptz LANGUAGE sql RETURN 'epoch'::timestamptz",
            "ALTER FUNCTION pg_catalog.clock_timestamp() RENAME TO mine",
            "CREATE FUNCTION consent.now(int) RETURNS timestamptz LANGUAGE sql RETURN 'epoch'::timestamptz",
            "CREATE LANGUAGE plperlu",
            "CREATE FUNCTION public.mine() RETURNS int LANGUAGE c AS 'mine'",
        ):
            assert refusal(connection, statement), statement
