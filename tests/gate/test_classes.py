"""The classes that are not marketing: what they need, and what they need not."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from opt_in.gate import school as acts
from opt_in.gate import vendor

from .world import Gate, Person, School, register_school

PARAMS = b"sealed"


def verdict(gate: Gate, school: School, to: Person, kind: str = "school.message", **changes: Any) -> str | None:
    """ALLOW as None, else the code of the claim."""
    message: dict[str, Any] = {
        "kind": kind,
        "subject": to.subject,
        "channel": "email",
        "contact_id": to.contact,
        "params": PARAMS,
        "content_sha256": hashlib.sha256(PARAMS).digest(),
    } | changes
    envelope: UUID = acts.enqueue(connection=school.connection, **message)
    return gate.claim(envelope)[0].code


def person(school: School, **changes: Any) -> Person:
    made = Person(uuid4(), ["guardian"], uuid4())
    for name, value in changes.items():
        setattr(made, name, value)
    school.put(made)
    return made


def bounced(school: School, to: Person) -> None:
    acts.add_suppression(channel="email", address_hash=to.address_hash, reason="bounce", connection=school.connection)


@pytest.mark.parametrize("role", ["guardian", "pupil", "staff", "director", "council_chair"])
def test_a_schools_message_needs_no_consent_and_goes_to_any_active_person(
    role: str, gate: Gate, school: School
) -> None:
    assert verdict(gate, school, person(school, roles=[role])) is None


def test_before_the_opening_only_staff_is_written_to(gate: Gate) -> None:
    school = register_school(gate, live=False)

    found = {role: verdict(gate, school, person(school, roles=[role])) for role in ("staff", "guardian", "pupil")}

    assert found == {"staff": None, "guardian": "DENY_SCHOOL_NOT_LIVE", "pupil": "DENY_SCHOOL_NOT_LIVE"}
    school.connection.close()


@pytest.mark.parametrize(
    ("changes", "message", "code"),
    [
        ({"is_active": False}, "DENY_NOT_GUARDIAN", None),
        ({"roles": []}, "DENY_NOT_GUARDIAN", None),
        ({"verified": False}, "DENY_CONTACT_UNVERIFIED", None),
        ({"reachable": False}, "DENY_NO_CONTACT", "DENY_INPUT_UNAVAILABLE"),
    ],
)
def test_a_code_may_go_where_a_message_may_not(
    changes: dict[str, Any], message: str | None, code: str | None, gate: Gate, school: School
) -> None:
    to = person(school, **changes)

    assert verdict(gate, school, to) == message
    assert verdict(gate, school, to, "contact.code") == code


@pytest.mark.parametrize("kind", ["school.message", "contact.code"])
def test_nothing_goes_to_an_address_that_bounced(kind: str, gate: Gate, school: School) -> None:
    to = person(school)
    bounced(school, to)

    assert verdict(gate, school, to, kind) == "DENY_SUPPRESSED_BOUNCE"


@pytest.mark.parametrize(
    "quiet",
    [
        lambda school, to: acts.object_to_vendor(actor=to.subject, subject=to.subject, connection=school.connection),
        lambda school, to: acts.refuse_consent(
            actor=to.subject,
            subject=to.subject,
            purpose="vendor_offers",
            channel="email",
            connection=school.connection,
        ),
        lambda school, to: school.resolve("negative"),
    ],
)
def test_a_no_to_offers_is_no_no_to_the_school(
    quiet: Callable[[School, Person], object], gate: Gate, school: School
) -> None:
    to = person(school)

    quiet(school, to)

    assert verdict(gate, school, to) is None


def test_the_same_message_under_one_key_goes_out_once(gate: Gate, school: School) -> None:
    to = person(school)
    first = verdict(gate, school, to, dedupe_key="invitation")

    again = acts.enqueue(
        kind="school.message",
        subject=to.subject,
        channel="email",
        params=PARAMS,
        content_sha256=hashlib.sha256(PARAMS).digest(),
        dedupe_key="invitation",
        connection=school.connection,
    )

    assert first is None
    assert gate.claim(again) == []
    assert gate.state_of(again) == ("claimed", None)


def test_a_late_message_does_not_go_out(gate: Gate, school: School) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)

    assert verdict(gate, school, person(school), expires_at=yesterday) == "DENY_MESSAGE_EXPIRED"


def test_the_kill_switch_of_the_platform_stops_messages_and_not_codes(gate: Gate, school: School) -> None:
    to = person(school)
    session = gate.session("app_vendor")
    vendor.set_kill_switch("platform", "", True, connection=session)
    gate.judge()
    try:
        found = (verdict(gate, school, to), verdict(gate, school, to, "contact.code"))
    finally:
        vendor.set_kill_switch("platform", "", False, connection=session)
        gate.judge()

    assert found == ("DENY_KILL_SWITCH", None)
