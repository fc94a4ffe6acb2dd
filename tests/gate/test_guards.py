"""What not even a superuser's ordinary statement does: each guard refuses, and nothing has changed."""

import psycopg
import pytest
from psycopg import sql

from local.keys import SUPERUSER

from .world import Gate, Offer

APPEND_ONLY = [
    "leaf",
    "decision",
    "consent_event",
    "approval",
    "campaign_text",
    "suppression",
    "checkpoint",
    "sender",
    "kind",
    "handed_over",
]


@pytest.fixture
def claimed(gate: Gate, offer: Offer) -> Offer:
    """A world with a row in every table that matters."""
    gate.claim(offer.envelope)
    gate.superuser.execute("SELECT consent.make_checkpoint(%s)", [offer.school.id])
    gate.superuser.execute(
        "INSERT INTO consent.suppression (school_id, reason, subject_id, made_at) VALUES (%s, 'objection', %s, now())",
        [offer.school.id, offer.guardian.subject],
    )
    return offer


def refused(gate: Gate, statement: str, *parameters: object) -> str:
    """The guard that refused, under both settings of a session that a superuser can make."""
    names = set()
    for role in ("origin", "replica"):
        with gate.fresh(SUPERUSER) as connection:
            connection.execute(sql.SQL("SET session_replication_role = {}").format(sql.Literal(role)))
            with pytest.raises(psycopg.Error) as refusal:
                connection.execute(statement.encode(), parameters)
            assert refusal.value.sqlstate == "ZG001", refusal.value
            names.add((refusal.value.diag.message_primary or "").rsplit(" ", 1)[-1].rstrip("."))
    (name,) = names
    return name


def rows(gate: Gate, table: str) -> str:
    row = gate.superuser.execute(
        sql.SQL("SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM consent.{} t").format(sql.Identifier(table))
    ).fetchone()
    assert row
    return str(row[0])


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE consent.{0} SET {1} = {1}", "DELETE FROM consent.{0}"])
def test_facts_are_only_ever_added(statement: str, table: str, gate: Gate, claimed: Offer) -> None:
    column = gate.superuser.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attidentity = '' LIMIT 1",
        [f"consent.{table}"],
    ).fetchone()
    before = rows(gate, table)
    assert column

    assert refused(gate, statement.format(table, column[0])) == "append_only"

    assert rows(gate, table) == before


def test_no_table_is_ever_emptied(gate: Gate, claimed: Offer) -> None:
    tables = gate.superuser.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'consent'::regnamespace AND relkind = 'r'"
    ).fetchall()

    found = {table: refused(gate, f"TRUNCATE consent.{table} CASCADE") for (table,) in tables}

    assert set(found.values()) == {"never_truncated"}
    assert len(found) >= 20


@pytest.mark.parametrize(
    ("statement", "guard"),
    [
        (
            "UPDATE consent.instruction SET valid_to = valid_to + interval '1 year' WHERE school_id = %s",
            "only_revoked_once",
        ),
        (
            "UPDATE consent.instruction SET revoked_at = NULL, revoked_by = NULL WHERE school_id = %s",
            "only_revoked_once",
        ),
        ("DELETE FROM consent.instruction WHERE school_id = %s", "never_deleted"),
        ("UPDATE consent.resolution SET outcome = 'positive' WHERE school_id = %s", "only_confirmed_once"),
        ("DELETE FROM consent.resolution WHERE school_id = %s", "never_deleted"),
        ("DELETE FROM consent.school WHERE school_id = %s", "never_deleted"),
        ("UPDATE consent.school SET role_name = 'school_x' WHERE school_id = %s", "identity_immutable"),
        ("DELETE FROM consent.school_lock WHERE school_id = %s", "never_deleted"),
        ("DELETE FROM consent.campaign_target WHERE school_id = %s", "never_deleted"),
        ("UPDATE consent.subject SET pseudonym = 'x' WHERE school_id = %s", "identity_immutable"),
        ("UPDATE consent.envelope SET class = 'school_service' WHERE school_id = %s", "identity_immutable"),
        ("UPDATE consent.envelope SET contact_id = subject_id WHERE school_id = %s", "identity_immutable"),
        ("DELETE FROM consent.envelope WHERE school_id = %s", "never_deleted"),
        (
            "UPDATE consent.envelope SET state = 'queued' WHERE school_id = %s AND state = 'claimed'",
            "offer_never_queued_again",
        ),
    ],
)
def test_the_past_of_a_school_stays(statement: str, guard: str, gate: Gate, claimed: Offer) -> None:
    tables = ("instruction", "resolution", "school", "school_lock", "campaign_target", "subject", "envelope")
    before = [rows(gate, table) for table in tables]

    assert refused(gate, statement, claimed.school.id) == guard

    assert [rows(gate, table) for table in tables] == before


def test_what_ended_stays_ended(gate: Gate, claimed: Offer) -> None:
    gate.take(claimed.envelope)
    gate.complete(claimed.envelope)

    for change in ("state = 'queued'", "state = 'failed'", "token_sha256 = NULL", "detail = 'never sent'"):
        statement = f"UPDATE consent.envelope SET {change} WHERE envelope_id = %s"
        assert refused(gate, statement, claimed.envelope) == "end_is_final"

    assert gate.state_of(claimed.envelope) == ("sent", None)


def test_nothing_is_born_allowed(gate: Gate, claimed: Offer) -> None:
    statement = (
        "INSERT INTO consent.envelope SELECT (jsonb_populate_record(e, jsonb_build_object('envelope_id', "
        "gen_random_uuid()))).* FROM consent.envelope e WHERE envelope_id = %s"
    )

    assert refused(gate, statement, claimed.envelope) == "born_queued"


def test_a_stopped_campaign_and_a_superseded_notice_stay_so(gate: Gate, claimed: Offer) -> None:
    assert refused(gate, "UPDATE consent.campaign SET product = 'x' WHERE campaign_id = %s", claimed.campaign) == (
        "only_stopped_once"
    )
    assert refused(gate, "UPDATE consent.notice SET body = 'I agree to everything.'") == "text_immutable"
    assert refused(gate, "UPDATE consent.request SET body = '{}'") == "only_handled_once"


def test_the_database_itself_keeps_an_offer_from_going_out_twice(gate: Gate, claimed: Offer) -> None:
    copy = (
        "INSERT INTO consent.envelope SELECT (jsonb_populate_record(e, jsonb_build_object('envelope_id', "
        "gen_random_uuid(), 'state', 'queued', 'attempts', 0, 'token_sha256', NULL))).* "
        "FROM consent.envelope e WHERE envelope_id = %s RETURNING envelope_id"
    )
    row = gate.superuser.execute(copy, [claimed.envelope]).fetchone()
    assert row

    with pytest.raises(psycopg.errors.UniqueViolation, match="envelope_once"):
        gate.superuser.execute("UPDATE consent.envelope SET state = 'claimed' WHERE envelope_id = %s", [row[0]])

    assert gate.state_of(row[0]) == ("queued", None)
