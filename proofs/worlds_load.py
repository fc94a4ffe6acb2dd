"""Puts random worlds into the tables of a scratch gate, in bulk, as its superuser, with every trigger in place."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from opt_in.explanation.facts import Message, Notice, Sender
from proofs.worlds import KINDS, OTHER_SCHOOL, SENDERS, Batch, text_of

Connection = psycopg.Connection[tuple[Any, ...]]
Row = Sequence[Any]

NOBODY = UUID(int=1)
ENDED = {"sent", "failed", "bounced", "unknown", "denied", "suppressed", "cancelled", "expired"}

COLUMNS = {
    "school": "school_id, role_name, names, folded_names, country, languages, time_zone, stage, registered_at",
    "sender": "sender_id, origin, school_id, display_name, address, has_one_click, has_stop_word",
    "kind": "kind, class, origin, enqueued_by",
    "notice": "notice_id, purpose, language, version, body, approved_at, superseded_at",
    "campaign": "campaign_id, sender_id, purpose, product, channels, audience, expires_at, targets, proposed_at, "
    "stopped_at",
    "campaign_text": "campaign_id, canonical, content_sha256, surface",
    "approval": "approval_id, school_id, campaign_id, actor, outcome, content_sha256, made_at",
    "instruction": "instruction_id, school_id, actor, purposes, products, channels, audience, valid_from, valid_to, "
    "made_at, revoked_at, revoked_by",
    "resolution": "resolution_id, number, school_id, outcome, decided_on, votes_for, votes_against, votes_abstained, "
    "purposes, products, recorded_by, recorded_at, confirmed_by, confirmed_at",
    "subject": "school_id, subject_id, roles, is_adult, is_active, language, key, pseudonym",
    "contact": "school_id, contact_id, subject_id, channel, version, sealed, address_hash, verified_at, "
    "provenance, is_active",
    "consent_event": "number, event_id, school_id, subject_id, purpose, channel, act, actor, capture, contact_id, "
    "contact_version, notice_id, instruction_id, made_at, expires_at",
    "suppression": "school_id, reason, subject_id, channel, address_hash, made_at",
    "envelope": "envelope_id, school_id, kind, class, origin, channel, language, subject_id, contact_id, campaign_id, "
    "sender_id, content_sha256, dedupe_key, not_before, expires_at, created_at, state, next_look_at, params_sealed",
}


def register(connection: Connection) -> None:
    """What every random world shares: kinds, senders, and another school that owns one of them."""
    known = {row[0] for row in connection.execute("SELECT kind FROM consent.kind")}
    _copy(connection, "school", [_school_row(OTHER_SCHOOL, "other", (), "UTC", "live")])
    _copy(connection, "kind", [(k.kind, k.message_class, k.origin, "gate") for k in KINDS if k.kind not in known])
    known = {row[0] for row in connection.execute("SELECT sender_id FROM consent.sender")}
    _copy(connection, "sender", [_sender_row(one) for one in SENDERS if one.sender_id not in known])


def load(connection: Connection, batches: Sequence[Batch], first_notice: int) -> None:
    """In the order of the foreign keys. Messages are born waiting, so the ended ones are ended afterwards."""
    rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
    for batch in batches:
        for table, row in _rows(batch):
            rows[table].append(row)
    notices = [notice for batch in batches for notice in batch.notices]
    rows["notice"] = [_notice_row(notice, version) for version, notice in enumerate(notices, first_notice)]
    for table in COLUMNS:
        _copy(connection, table, rows[table])
    ended: dict[str, list[UUID]] = {}
    for message in (message for batch in batches for message in batch.messages if message.state != "queued"):
        ended.setdefault(message.state, []).append(message.envelope_id)
    for state, ids in sorted(ended.items()):
        connection.execute(
            "UPDATE consent.envelope SET state = %s, ended_at = CASE WHEN %s THEN now() END "
            "WHERE envelope_id = ANY (%s)",
            [state, state in ENDED, ids],
        )


def _copy(connection: Connection, table: str, rows: Iterable[Row]) -> None:
    statement = sql.SQL("COPY consent.{} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(sql.Identifier(name) for name in COLUMNS[table].split(", "))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([list(cell) if isinstance(cell, tuple | frozenset) else cell for cell in row])


def _school_row(school_id: UUID, role: str, names: tuple[str, ...], zone: str, stage: str) -> Row:
    return school_id, role, '{"en": "School"}', names, "PL", ("pl",), zone, stage, "2026-01-01Z"


def _sender_row(sender: Sender) -> Row:
    return (
        sender.sender_id,
        sender.origin,
        sender.school_id,
        "Sender",
        "a@x",
        sender.has_one_click,
        sender.has_stop_word,
    )


def _notice_row(notice: Notice, version: int) -> Row:
    return notice.notice_id, notice.purpose, "xx", version, "I agree.", "2026-01-01Z", notice.superseded_at


def _rows(batch: Batch) -> Iterator[tuple[str, Row]]:
    school, now = batch.school, batch.now
    here = school.school_id
    if batch.is_registered:
        yield "school", _school_row(here, f"school_{here.hex}", school.folded_names, school.time_zone, school.stage)
        yield "sender", _sender_row(batch.senders[f"school:{here}"])
    for campaign_id, c in batch.campaigns.items():
        yield "campaign", (
            campaign_id, c.sender_id, c.purpose, c.product, c.channels, c.audience, now, "{}", now, c.stopped_at,
        )  # fmt: skip
        if campaign_id not in batch.without_text:
            yield "campaign_text", (campaign_id, text_of(campaign_id), c.content_sha256, c.surface)
        for a in batch.approvals[campaign_id]:
            yield "approval", (a.number, here, campaign_id, NOBODY, a.outcome, a.content_sha256, now)
    for i in batch.instructions:
        yield "instruction", (
            i.instruction_id, here, NOBODY, i.purposes, i.products, i.channels, i.audience, i.valid_from, i.valid_to,
            i.made_at, i.revoked_at, NOBODY if i.revoked_at else None,
        )  # fmt: skip
    for r in batch.resolutions:
        confirmed_by = batch.school.school_id if r.confirmed_at else None
        yield "resolution", (
            r.resolution_id, r.number, here, r.outcome, r.decided_on, 2, 1, 0, r.purposes, r.products, NOBODY, now,
            confirmed_by, r.confirmed_at,
        )  # fmt: skip
    for subject_id, who in batch.subjects.items():
        yield "subject", (here, subject_id, who.roles, who.is_adult, who.is_active, "en", b"k", subject_id.hex)
    for contact_id, at in batch.contacts.items():
        yield "contact", (
            here, contact_id, at.subject_id, at.channel, at.version, b"sealed", at.address_hash, at.verified_at, "self",
            at.is_active,
        )  # fmt: skip
    for e in (event for events in batch.events.values() for event in events):
        yield "consent_event", (
            e.number, UUID(int=e.number), here, e.subject_id, e.purpose, e.channel, e.act, e.actor, e.capture,
            e.contact_id, e.contact_version, e.notice_id, e.instruction_id, now, e.expires_at,
        )  # fmt: skip
    for s in batch.suppressions:
        yield "suppression", (s.school_id, s.reason, s.subject_id, s.channel, s.address_hash, now)
    for message in batch.messages:
        yield "envelope", _envelope_row(message, batch)


def _envelope_row(m: Message, batch: Batch) -> Row:
    return (
        m.envelope_id, m.school_id, m.kind, m.message_class, m.origin, m.channel, "en", m.subject_id, m.contact_id,
        m.campaign_id, m.sender_id, m.content_sha256, m.dedupe_key, m.not_before, m.expires_at, batch.now, "queued",
        batch.now, False,
    )  # fmt: skip
