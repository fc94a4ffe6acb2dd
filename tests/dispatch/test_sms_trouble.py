"""The gateway is down, silent, slow, broken, or refuses: what becomes of a text message then."""

import time
from pathlib import Path
from uuid import uuid4

import pytest

from local.sms_gateway import SmsGateway
from notifications.channels.sms import Sms, SmsChannel, judge_code
from tests.dispatch.conftest import Dispatch
from tests.dispatch.smtp_server import Steps, dripping_server, free_port, silent_server
from tests.dispatch.test_sms_delivery import PHONE, number_that, only_message, outcome_of
from tests.dispatch.tls_server import certificate_in, forgetful_server
from tests.dispatch.world import Person, World


@pytest.fixture
def parent(world: World) -> Person:
    return world.add_person(PHONE)


def test_mail_goes_out_while_the_gateway_is_down_and_no_text_message_is_claimed(
    world: World, guardian: Person, parent: Person, smtp: Steps, gateway: SmsGateway, dispatch: Dispatch
) -> None:
    world.queue_message(parent)
    world.queue_message(guardian)

    dispatch(sms_url=f"http://127.0.0.1:{free_port()}")

    assert smtp.recipients == [guardian.address]
    assert world.stored("SELECT state, attempts FROM consent.envelope WHERE channel = 'sms'") == [("queued", 0)]

    dispatch()

    assert only_message(gateway).number == PHONE.removeprefix("+")


def test_text_messages_go_out_while_the_mail_server_is_down(
    world: World, guardian: Person, parent: Person, smtp: Steps, gateway: SmsGateway, dispatch: Dispatch
) -> None:
    world.queue_message(guardian)
    world.queue_message(parent)

    dispatch(port=free_port())

    assert only_message(gateway).number == PHONE.removeprefix("+")
    assert world.stored(
        "SELECT state, attempts FROM consent.envelope WHERE class = 'school_service' AND channel = 'email'"
    ) == [("queued", 0)]


@pytest.mark.parametrize("bad_server", [silent_server, lambda: dripping_server(seconds_between_bytes=0.3)])
def test_a_gateway_that_does_not_answer_costs_no_offer(
    world: World, parent: Person, dispatch: Dispatch, bad_server: object
) -> None:
    world.queue_offers([parent])
    began = time.monotonic()

    with bad_server() as port:  # type: ignore[operator]
        dispatch(sms_url=f"http://127.0.0.1:{port}", timeout=1)

    assert time.monotonic() - began < 8
    assert outcome_of(world, parent) == ("queued", None)


def test_a_gateway_that_keeps_silent_takes_a_quarter_of_the_time_from_the_mails(
    world: World, guardian: Person, parent: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    world.queue_message(parent)
    for _ in range(40):
        world.queue_message(guardian)
    began = time.monotonic()

    with silent_server() as port:
        # Two seconds of mails. Asked three times in these, the gateway would take six more.
        dispatch(sms_url=f"http://127.0.0.1:{port}", timeout=2, pace=20)

    assert len(smtp.recipients) == 40
    assert time.monotonic() - began < 6


@pytest.mark.parametrize(
    ("digits", "message", "offer"),
    [
        ("0001", ("bounced", "sms.13"), ("bounced", "sms.13")),
        ("0002", ("queued", "sms.103"), ("failed", "sms.103")),
        ("0003", ("queued", "sms.999"), ("failed", "sms.999")),
        ("0006", ("sent", None), ("sent", None)),
        ("0007", ("queued", "sms.silent"), ("unknown", None)),
    ],
)
def test_what_becomes_of_a_message_that_meets_trouble(
    world: World,
    dispatch: Dispatch,
    digits: str,
    message: tuple[str, str | None],
    offer: tuple[str, str | None],
) -> None:
    written_to, offered = world.add_person(number_that(digits)), world.add_person(number_that(digits))
    world.queue_message(written_to)
    dispatch()
    assert outcome_of(world, written_to) == message

    world.stored("ALTER TABLE consent.suppression DISABLE TRIGGER USER")
    world.stored("DELETE FROM consent.suppression")
    world.queue_offers([offered])
    dispatch()
    if offer[0] == "unknown":
        world.end_leases()
        offer = ("unknown", "the lease ended without an outcome")
    assert outcome_of(world, offered) == offer


@pytest.mark.parametrize("digits", ["0004", "0005"])
def test_a_lost_answer_is_asked_for_again_and_the_offer_goes_out_once(
    world: World, gateway: SmsGateway, dispatch: Dispatch, digits: str
) -> None:
    parent = world.add_person(number_that(digits))
    world.queue_offers([parent])

    dispatch(timeout=2)

    assert len(gateway.box.names()) == 1
    assert outcome_of(world, parent) == ("sent", "sms.53")


def test_a_number_that_does_not_exist_gets_nothing_more_by_this_channel(
    world: World, gateway: SmsGateway, dispatch: Dispatch
) -> None:
    parent = world.add_person(number_that("0001"))
    world.queue_message(parent)
    dispatch()

    world.queue_message(parent)
    dispatch()

    ((code,),) = world.stored(
        "SELECT code FROM consent.envelope WHERE subject_id = %s ORDER BY created_at DESC LIMIT 1", parent.id
    )
    assert code == "DENY_SUPPRESSED_BOUNCE"


def test_an_account_without_credit_uses_up_one_offer_and_not_all(
    world: World, gateway: SmsGateway, dispatch: Dispatch
) -> None:
    poor = [world.add_person(f"+485{number}0002") for number in ("0111", "0112", "0113")]
    world.queue_offers(poor)

    dispatch()

    assert world.states() == {"failed": 1, "queued": 2}


@pytest.mark.parametrize("code", [None, "", "x", [], {}, -1, 1.5, True])
def test_an_answer_that_nobody_understands_may_mean_anything(code: object) -> None:
    assert judge_code(code).outcome in ("unknown", "failed")


def test_what_tls_says_after_the_request_does_not_prove_that_nothing_was_taken(tmp_path: Path) -> None:
    certificate = certificate_in(tmp_path)
    requests: list[bytes] = []
    message = Sms(envelope_id=uuid4(), to=PHONE, sender="Zgoda", text="Wycieczka")

    with forgetful_server(certificate, requests) as port:
        channel = SmsChannel(url=f"https://127.0.0.1:{port}", token="x", notify_url="", timeout=2)
        channel.session.verify = str(certificate)
        delivery = channel.send(message, deadline=time.monotonic() + 5)
        channel.close()

    assert b"Wycieczka" in requests[0]
    assert delivery.outcome == "unknown"
