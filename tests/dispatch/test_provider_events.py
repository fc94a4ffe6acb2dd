"""Replies and reports that the public site has put into the inbox, and what the dispatcher makes of them."""

from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.conf import settings

from local.sms_gateway import SmsGateway
from notifications.provider_events import AT_ONCE, reply_event, report_event
from opt_in.gate import public
from opt_in.gate.event_box import seal_event
from tests.dispatch.conftest import Dispatch
from tests.dispatch.smtp_server import Steps
from tests.dispatch.world import BY_SMS, Person, World

PHONE = "+48501234567"
DIGITS = "48501234567"


@pytest.fixture
def parent(world: World) -> Person:
    return world.add_person(PHONE)


def put(world: World, event: bytes) -> None:
    """As the public site does it, which holds the sealing half of the key only."""
    opening = X25519PrivateKey.from_private_bytes(settings.EVENT_OPENING_KEY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "EVENT_SEALING_KEY", opening.public_key().public_bytes_raw(), raising=False)
        sealed = seal_event(event)
    with world.login("app_public") as connection:
        assert public.put_provider_event(fingerprint=uuid4().bytes * 2, sealed=sealed, connection=connection)


def acts_of(world: World, person: Person) -> list[tuple[str, str]]:
    return world.stored(
        "SELECT act, capture FROM consent.consent_event WHERE subject_id = %s ORDER BY number", person.id
    )


def suppressions(world: World) -> list[tuple[str, str]]:
    return world.stored("SELECT reason, channel FROM consent.suppression ORDER BY 1")


def code_of_latest(world: World, person: Person) -> str | None:
    ((code,),) = world.stored(
        "SELECT code FROM consent.envelope WHERE subject_id = %s ORDER BY created_at DESC LIMIT 1", person.id
    )
    return None if code is None else str(code)


def sent_report(world: World, person: Person, dispatch: Dispatch, status: str) -> None:
    """One message to this person, and the provider's word about it."""
    envelope = world.queue_message(person)
    dispatch()
    put(world, report_event(str(envelope), status))
    dispatch()


def test_a_stop_withdraws_the_yes_and_suppresses_the_number(world: World, parent: Person, dispatch: Dispatch) -> None:
    world.queue_offers([parent])
    dispatch()

    put(world, reply_event(DIGITS, "Stop."))
    dispatch()

    assert acts_of(world, parent) == [("give", "portal"), ("withdraw", "sms_reply")]
    assert suppressions(world) == [("stop", "sms")]


def test_a_stop_is_read_before_the_next_offer_is_claimed(
    world: World, parent: Person, gateway: SmsGateway, dispatch: Dispatch
) -> None:
    world.queue_offers([parent])
    put(world, reply_event(DIGITS, "STOP"))

    dispatch()

    assert list(gateway.box.messages()) == []
    assert code_of_latest(world, parent) == "DENY_SUPPRESSED_STOP"


def test_a_stop_behind_many_reports_is_read_before_the_next_offer_is_claimed(
    world: World, parent: Person, gateway: SmsGateway, dispatch: Dispatch
) -> None:
    world.queue_offers([parent])
    for _ in range(AT_ONCE):
        put(world, report_event(str(uuid4()), "404"))
    put(world, reply_event(DIGITS, "STOP"))

    dispatch()

    assert list(gateway.box.messages()) == []
    assert code_of_latest(world, parent) == "DENY_SUPPRESSED_STOP"


def test_a_new_yes_does_not_lift_a_stop(world: World, parent: Person, dispatch: Dispatch) -> None:
    world.queue_offers([parent])
    dispatch()
    put(world, reply_event(DIGITS, "STOP"))
    dispatch()
    world.consent(parent)

    world.queue_campaign(BY_SMS)

    assert code_of_latest(world, parent) == "DENY_SUPPRESSED_STOP"


def test_after_a_stop_the_school_and_the_platform_still_reach_the_phone(
    world: World, parent: Person, gateway: SmsGateway, dispatch: Dispatch
) -> None:
    put(world, reply_event(DIGITS, "STOP"))
    dispatch()

    world.queue_message(parent)
    world.queue("contact.code", parent, {"code": "493027", "minutes": 15})
    dispatch()

    assert len(gateway.box.names()) == 2


def test_a_stop_by_sms_leaves_the_yes_for_mail_alone(
    world: World, parent: Person, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    world.allow_offers()
    world.consent(parent)
    world.consent(guardian)
    put(world, reply_event(DIGITS, "STOP"))

    world.queue_campaign({})
    dispatch()

    assert smtp.recipients == [guardian.address]
    assert acts_of(world, guardian) == [("give", "portal")]


def test_whoever_never_said_yes_gets_no_withdrawal_but_the_number_is_closed_to_offers(
    world: World, parent: Person, dispatch: Dispatch
) -> None:
    put(world, reply_event(DIGITS, "СТОП"))
    dispatch()

    assert acts_of(world, parent) == []
    assert suppressions(world) == [("stop", "sms")]


def test_two_parents_with_one_phone_are_both_left_in_peace(world: World, dispatch: Dispatch) -> None:
    both = [world.add_person(PHONE), world.add_person(PHONE)]
    world.queue_offers(both)
    put(world, reply_event(DIGITS, "STOP"))

    dispatch()

    assert [acts_of(world, one)[-1][0] for one in both] == ["withdraw", "withdraw"]


def test_the_same_stop_many_times_changes_nothing_more(world: World, parent: Person, dispatch: Dispatch) -> None:
    world.queue_offers([parent])
    for _ in range(3):
        put(world, reply_event(DIGITS, "STOP"))
        dispatch()

    assert len(acts_of(world, parent)) == 2
    assert suppressions(world) == [("stop", "sms")]


@pytest.mark.parametrize(
    "event",
    [
        reply_event(DIGITS, "Dziękuję!"),
        reply_event("123", "STOP"),
        reply_event("", "STOP"),
        reply_event("'; DROP TABLE", "STOP"),
        reply_event("48599999999", "STOP"),
        report_event("no envelope", "405"),
        report_event(str(uuid4()), "405"),
        report_event(str(uuid4()), "403"),
        b"",
        b"[]",
        b"{}",
        b'{"reply_from": 1, "text": "STOP"}',
        b"\xff",
    ],
)
def test_what_means_nothing_changes_nothing_and_is_kept_for_nobody(
    world: World, parent: Person, dispatch: Dispatch, event: bytes
) -> None:
    leaves = world.stored("SELECT count(*) FROM consent.leaf")
    put(world, event)

    dispatch()

    assert suppressions(world) == []
    assert world.stored("SELECT count(*) FROM consent.leaf") == leaves
    assert world.stored("SELECT count(*), count(sealed), count(handled_at) FROM consent.provider_event") == [(1, 0, 1)]


def test_what_we_have_no_key_for_waits_and_holds_up_nothing(world: World, parent: Person, dispatch: Dispatch) -> None:
    with world.login("app_public") as connection:
        for first in range(60):
            public.put_provider_event(fingerprint=bytes([first]) * 32, sealed=b"x" * 100, connection=connection)
    put(world, reply_event(DIGITS, "STOP"))

    dispatch()
    dispatch()

    assert world.stored("SELECT count(sealed) FROM consent.provider_event") == [(60,)]
    assert suppressions(world) == [("stop", "sms")]


def test_one_report_of_a_phone_that_was_off_closes_nothing(world: World, parent: Person, dispatch: Dispatch) -> None:
    sent_report(world, parent, dispatch, "405")

    assert suppressions(world) == []
    assert world.stored("SELECT delivered FROM consent.delivery_report") == [(False,)]


def test_the_third_report_in_a_row_is_a_bounce(world: World, parent: Person, dispatch: Dispatch) -> None:
    for status in ("405", "402", "406"):
        assert suppressions(world) == []
        sent_report(world, parent, dispatch, status)

    assert suppressions(world) == [("bounce", "sms")]
    world.queue_message(parent)
    dispatch()
    assert code_of_latest(world, parent) == "DENY_SUPPRESSED_BOUNCE"


def test_a_message_that_arrives_begins_the_count_anew(world: World, parent: Person, dispatch: Dispatch) -> None:
    for status in ("405", "405", "404", "405", "405"):
        sent_report(world, parent, dispatch, status)

    assert suppressions(world) == []


def test_the_same_report_again_counts_once(world: World, parent: Person, dispatch: Dispatch) -> None:
    envelope = world.queue_message(parent)
    dispatch()
    for _ in range(4):
        put(world, report_event(str(envelope), "405"))
    dispatch()

    assert suppressions(world) == []
