"""A school's calls (login app_school with the school's role taken): authority, people, messages, ledger.

The school is never a parameter: the gate reads it from the role.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from opt_in.gate.calls import CursorSource, call, call_one, call_value, from_json, rows_of
from opt_in.gate.school_overview import envelopes_of as envelopes_of
from opt_in.gate.school_overview import explain as explain
from opt_in.gate.school_overview import forecast as forecast
from opt_in.gate.school_overview import suppressions_of as suppressions_of
from opt_in.gate.school_overview import timeline as timeline
from opt_in.gate.school_overview import timeline_days as timeline_days
from opt_in.gate.types import (
    Checkpoint,
    ConsentEvent,
    Content,
    Count,
    Envelope,
    Expansion,
    Head,
    Instruction,
    Leaf,
    Notice,
    Proposal,
    Resolution,
    Revocation,
)


def go_live(*, actor: UUID, connection: CursorSource | None = None) -> datetime:
    at: datetime = call_value("SELECT consent.go_live(%s)", [actor], connection)
    return at


def suspend(*, actor: UUID, connection: CursorSource | None = None) -> datetime:
    at: datetime = call_value("SELECT consent.suspend(%s)", [actor], connection)
    return at


def authorise(
    *,
    actor: UUID,
    purposes: Sequence[str],
    products: Sequence[str],
    channels: Sequence[str],
    audience: str = "guardians",
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    connection: CursorSource | None = None,
) -> UUID:
    """The director's instruction; it ends with the school year at the latest. Returns its id."""
    return UUID(
        str(
            call_value(
                "SELECT consent.authorise(%s, %s::text[], %s::text[], %s::text[], %s, %s, %s)",
                [actor, list(purposes), list(products), list(channels), audience, valid_from, valid_to],
                connection,
            )
        )
    )


def revoke(*, actor: UUID, reason: str, connection: CursorSource | None = None) -> Revocation:
    """End every instruction of the school. Once this is committed, no later claim is allowed."""
    return Revocation(*call_one("SELECT * FROM consent.revoke(%s, %s)", [actor, reason], connection))


def record_resolution(
    *,
    actor: UUID,
    outcome: str,
    decided_on: date,
    votes_for: int,
    votes_against: int,
    votes_abstained: int,
    purposes: Sequence[str] = (),
    products: Sequence[str] = (),
    minutes_sha256: bytes | None = None,
    connection: CursorSource | None = None,
) -> UUID:
    """outcome: positive | negative. A negative one with empty lists opposes everything, at once."""
    return UUID(
        str(
            call_value(
                "SELECT consent.record_resolution(%s, %s, %s, %s, %s, %s, %s::text[], %s::text[], %s)",
                [
                    actor,
                    outcome,
                    decided_on,
                    votes_for,
                    votes_against,
                    votes_abstained,
                    list(purposes),
                    list(products),
                    minutes_sha256,
                ],
                connection,
            )
        )
    )


def confirm_resolution(*, actor: UUID, resolution_id: UUID, connection: CursorSource | None = None) -> datetime:
    """By the Council's chair, who did not record it."""
    at: datetime = call_value("SELECT consent.confirm_resolution(%s, %s)", [actor, resolution_id], connection)
    return at


def approve_content(
    *, actor: UUID, campaign_id: UUID, content_sha256: bytes, connection: CursorSource | None = None
) -> None:
    """The hash is of what the director saw; nothing else is covered."""
    call("SELECT consent.approve_content(%s, %s, %s)", [actor, campaign_id, content_sha256], connection)


def reject_content(*, actor: UUID, campaign_id: UUID, reason: str, connection: CursorSource | None = None) -> None:
    call("SELECT consent.reject_content(%s, %s, %s)", [actor, campaign_id, reason], connection)


def give_consent(
    *,
    actor: UUID,
    subject: UUID,
    purpose: str,
    channel: str,
    contact_id: UUID | None,
    contact_version: int | None,
    notice_id: UUID,
    capture: str,
    connection: CursorSource | None = None,
) -> UUID:
    """Only a yes of the guardian's own counts: actor is the subject, capture is portal, api, mail_link or sms_reply.

    Anything else is recorded and refused at every claim as DENY_OPT_IN_INVALID_CAPTURE. Returns the event's id.
    """
    return UUID(
        str(
            call_value(
                "SELECT consent.give_consent(%s, %s, %s, %s, %s, %s, %s, %s)",
                [actor, subject, purpose, channel, contact_id, contact_version, notice_id, capture],
                connection,
            )
        )
    )


def refuse_consent(
    *, actor: UUID, subject: UUID, purpose: str, channel: str, connection: CursorSource | None = None
) -> None:
    call("SELECT consent.refuse_consent(%s, %s, %s, %s)", [actor, subject, purpose, channel], connection)


def withdraw_consent(
    *, actor: UUID, subject: UUID, purpose: str, channel: str, connection: CursorSource | None = None
) -> int:
    """Returns how many messages had already been handed over."""
    return int(
        call_value("SELECT consent.withdraw_consent(%s, %s, %s, %s)", [actor, subject, purpose, channel], connection)
    )


def object_to_vendor(*, actor: UUID, subject: UUID, connection: CursorSource | None = None) -> int:
    """Over all the subject's addresses, at every school. Returns how many messages had already been handed over."""
    return int(call_value("SELECT consent.object_to_vendor(%s, %s)", [actor, subject], connection))


def put_subjects(rows: Sequence[Mapping[str, object]], *, connection: CursorSource | None = None) -> int:
    """Rows of subject_id, roles, is_adult, is_active, language; returns how many changed."""
    return int(call_value("SELECT consent.put_subjects(%s::jsonb)", [json.dumps([*rows], default=str)], connection))


def put_contacts(rows: Sequence[Mapping[str, object]], *, connection: CursorSource | None = None) -> int:
    """Rows of contact_id, subject_id, channel, version, sealed (base64), address_hash (hex), verified_at, provenance,
    is_active; returns how many changed. A new address needs a new version."""
    return int(call_value("SELECT consent.put_contacts(%s::jsonb)", [json.dumps([*rows], default=str)], connection))


def erase_subject(*, subject: UUID, connection: CursorSource | None = None) -> None:
    """Forget a person: contacts and the key of the pseudonym go, grants are withdrawn, suppressions stay."""
    call("SELECT consent.erase_subject(%s)", [subject], connection)


def add_suppression(*, channel: str, address_hash: bytes, reason: str, connection: CursorSource | None = None) -> None:
    """reason: objection | complaint | stop | bounce. There is no way back."""
    call("SELECT consent.add_suppression(%s, %s, %s)", [channel, address_hash, reason], connection)


def expand(campaign_id: UUID, *, connection: CursorSource | None = None) -> Expansion:
    """Address the audience, if the school as a whole allows it; again is harmless."""
    return Expansion(*call_one("SELECT * FROM consent.expand(%s)", [campaign_id], connection))


def waiting_campaigns(*, connection: CursorSource | None = None) -> list[UUID]:
    """Campaigns that this school allows by now and that were not expanded yet."""
    return [row[0] for row in call("SELECT consent.waiting_campaigns()", (), connection)]


def schools_to_expand(*, connection: CursorSource | None = None) -> list[str]:
    """Roles of the schools where a campaign waits for expansion; for the worker, between two schools."""
    return [row[0] for row in call("SELECT * FROM consent.schools_to_expand()", (), connection)]


def enqueue(
    *,
    kind: str,
    subject: UUID,
    channel: str,
    params: bytes,
    content_sha256: bytes,
    contact_id: UUID | None = None,
    dedupe_key: str | None = None,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
    connection: CursorSource | None = None,
) -> UUID:
    """The outbox. `params` is sealed JSON; with a `dedupe_key` that is known already, the earlier message's id."""
    return UUID(
        str(
            call_value(
                "SELECT consent.enqueue(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [kind, subject, channel, contact_id, params, content_sha256, dedupe_key, not_before, expires_at],
                connection,
            )
        )
    )


def proposals(*, connection: CursorSource | None = None) -> list[Proposal]:
    """Every attempt of the vendor at this school, newest first, with today's verdict."""
    return rows_of(Proposal, "SELECT * FROM consent.proposals()", (), connection)


def campaign_content(campaign_id: UUID, *, connection: CursorSource | None = None) -> Content:
    row = call_one(
        "SELECT content, sha256(content) FROM consent.campaign_content(%s) AS content", [campaign_id], connection
    )
    return Content(*row)


def campaign_contents(campaign_ids: Sequence[UUID], *, connection: CursorSource | None = None) -> dict[UUID, Content]:
    """Several in one statement; raises when one of them was not proposed to this school."""
    query = (
        "SELECT campaign_id, content, sha256(content) FROM unnest(%s::uuid[]) AS campaign_id"
        " CROSS JOIN LATERAL consent.campaign_content(campaign_id) AS content"
    )
    found = call(query, [list(campaign_ids)], connection) if campaign_ids else []
    return {campaign_id: Content(content, sha256) for campaign_id, content, sha256 in found}


def instructions(*, connection: CursorSource | None = None) -> list[Instruction]:
    return rows_of(Instruction, "SELECT * FROM consent.instructions()", (), connection)


def resolutions(*, connection: CursorSource | None = None) -> list[Resolution]:
    return rows_of(Resolution, "SELECT * FROM consent.resolutions()", (), connection)


def consents_of(subject: UUID, *, connection: CursorSource | None = None) -> list[ConsentEvent]:
    """Oldest first; the last event of each purpose and channel is the one that counts."""
    return rows_of(ConsentEvent, "SELECT * FROM consent.consents_of(%s)", [subject], connection)


def notices(*, connection: CursorSource | None = None) -> list[Notice]:
    return rows_of(Notice, "SELECT * FROM consent.notices()", (), connection)


def envelopes(
    *, limit: int = 100, before: UUID | None = None, connection: CursorSource | None = None
) -> list[Envelope]:
    """Newest first; page on with the last id."""
    return rows_of(Envelope, "SELECT * FROM consent.envelopes(%s, %s)", [limit, before], connection)


def decision_of(envelope_id: UUID, *, connection: CursorSource | None = None) -> dict[str, Any] | None:
    """The receipt of the last decision (zgoda-receipt/1)."""
    receipt: dict[str, Any] | None = from_json(call_value("SELECT consent.decision_of(%s)", [envelope_id], connection))
    return receipt


def ledger(
    *, stream: str, from_seq: int = 1, max_leaves: int = 1000, connection: CursorSource | None = None
) -> list[Leaf]:
    """At most 10,000 leaves at once, oldest first."""
    rows = call("SELECT * FROM consent.ledger(%s, %s, %s)", [stream, from_seq, max_leaves], connection)
    return [Leaf(stream, *row) for row in rows]


def ledger_heads(*, connection: CursorSource | None = None) -> list[Head]:
    """All three streams, also an empty one."""
    return rows_of(Head, "SELECT * FROM consent.ledger_heads()", (), connection)


def checkpoints(*, connection: CursorSource | None = None) -> list[Checkpoint]:
    return rows_of(Checkpoint, "SELECT * FROM consent.checkpoints()", (), connection)


def counts(campaign_id: UUID, *, connection: CursorSource | None = None) -> list[Count]:
    """Messages of a campaign at this school by state and code, exactly."""
    return rows_of(Count, "SELECT * FROM consent.counts(%s)", [campaign_id], connection)
