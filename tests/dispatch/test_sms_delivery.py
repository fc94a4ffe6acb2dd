"""Text messages through the loopback gateway, which speaks the provider's protocol over real HTTP."""

import io
import logging
import re
import time

import pytest

from local.sms_box import Message
from local.sms_gateway import SmsGateway
from notifications.channels.sms import SmsChannel, UnusableGateway, judge_code
from notifications.sms_text import sms_parts
from opt_in.gate import school as gate
from tests.dispatch.conftest import Dispatch
from tests.dispatch.smtp_server import Steps, dripping_server, free_port, silent_server
from tests.dispatch.world import BY_SMS, Person, World
from tests.public.capturing import captured_reports

PHONE = "+48501234567"


@pytest.fixture
def parent(world: World) -> Person:
    return world.add_person(PHONE)


def number_that(digits: str) -> str:
    """A number of the kind that meets this trouble."""
    return f"+4850123{digits}"


def only_message(gateway: SmsGateway) -> Message:
    (message,) = gateway.box.messages()
    return message


def outcome_of(world: World, person: Person) -> tuple[str, str | None]:
    ((state, detail),) = world.stored(
        "SELECT state, detail FROM consent.envelope WHERE subject_id = %s ORDER BY created_at DESC LIMIT 1", person.id
    )
    return state, detail


def test_a_schools_message_says_first_whose_it_is(
    world: World, parent: Person, gateway: SmsGateway, dispatch: Dispatch
) -> None:
    envelope = world.queue_message(parent, "Wycieczka", "Zbiórka o 8.00 przed szkołą.")

    dispatch()

    message = only_message(gateway)
    assert message.sender == "Zgoda"
    assert message.number == PHONE.removeprefix("+")
    assert message.text == "Od szkoły: SP Brzozowa. Wycieczka\nZbiórka o 8.00 przed szkołą."
    assert message.idx == str(envelope)
    assert world.state_of(envelope) == "sent"


def test_a_code_goes_to_the_number_that_asked(
    world: World, parent: Person, gateway: SmsGateway, dispatch: Dispatch
) -> None:
    world.queue("contact.code", parent, {"code": "493027", "minutes": 15})

    dispatch()

    message = only_message(gateway)
    assert message.sender == "Zgoda"
    assert message.text == "Zgoda, platforma e-dziennika: 493027 to Pani/Pana kod (SP Brzozowa). Ważny 15 min."


@pytest.mark.parametrize(
    ("language", "begins", "stops"),
    [
        ("sl", "Od ponudnika ZgodaOffers: Paket Plus", "Brez ponudb: SMS STOP na +48500000000."),
        ("pl", "Od dostawcy ZgodaOffers: Pakiet Plus", "Bez ofert: SMS STOP na +48500000000."),
        ("uk", "Від постачальника ZgodaOffers: Пакет", "Без пропозицій: SMS STOP на +48500000000."),
        ("en", "From the vendor ZgodaOffers: The Plus", "No more offers: text STOP to +48500000000."),
    ],
)
def test_an_offer_says_first_that_it_is_the_vendors_and_last_how_to_stop_and_why(
    world: World, gateway: SmsGateway, dispatch: Dispatch, language: str, begins: str, stops: str
) -> None:
    parent = world.add_person(PHONE, language=language)
    world.queue_offers([parent])

    dispatch()

    message = only_message(gateway)
    assert message.sender == "ZgodaOffers"
    assert message.text.startswith(begins)
    assert stops in message.text
    assert re.search(r"http://localhost:8002/s/[\w-]{22}$", message.text)


def test_the_polish_frame_stays_in_the_cheap_alphabet(
    world: World, parent: Person, gateway: SmsGateway, dispatch: Dispatch
) -> None:
    world.queue_offers([parent])

    dispatch()

    assert sms_parts(only_message(gateway).text).encoding == "GSM-7"


def test_an_offer_whose_text_is_not_the_approved_one_is_never_sent(
    world: World, parent: Person, gateway: SmsGateway, dispatch: Dispatch
) -> None:
    campaign = world.queue_offers([parent])
    world.stored("ALTER TABLE consent.campaign_text DISABLE TRIGGER USER")
    world.stored("ALTER TABLE consent.campaign_text DROP CONSTRAINT campaign_text_check")
    world.stored("UPDATE consent.campaign_text SET canonical = canonical || ' ' WHERE campaign_id = %s", campaign)

    dispatch()

    assert list(gateway.box.messages()) == []
    assert outcome_of(world, parent) == ("failed", "differs.content")


def test_a_message_that_arrived_is_not_sent_again(
    world: World, parent: Person, gateway: SmsGateway, dispatch: Dispatch
) -> None:
    world.queue_message(parent)

    dispatch()
    dispatch()

    assert len(gateway.box.names()) == 1


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


def test_a_sender_name_that_is_not_registered_is_refused(
    world: World, parent: Person, gateway: SmsGateway, dispatch: Dispatch, settings: object
) -> None:
    settings.SMS_SENDER = "SP Brzozowa"  # type: ignore[attr-defined]
    world.queue_message(parent)

    dispatch()

    assert list(gateway.box.messages()) == []
    assert outcome_of(world, parent) == ("failed", "sms.14")


def test_an_offer_never_goes_under_the_name_of_the_house(
    world: World, parent: Person, gateway: SmsGateway, dispatch: Dispatch, settings: object
) -> None:
    settings.SMS_SENDER = "zgodaoffers"  # type: ignore[attr-defined]
    world.queue_offers([parent])

    dispatch()

    assert list(gateway.box.messages()) == []
    assert outcome_of(world, parent) == ("failed", "differs.sender")


def test_no_offer_goes_to_a_country_without_a_number_that_takes_the_stop(
    world: World, parent: Person, gateway: SmsGateway, dispatch: Dispatch, settings: object
) -> None:
    settings.SMS_REPLY_NUMBERS = {"SI": "+38651000000"}  # type: ignore[attr-defined]
    world.queue_offers([parent])

    dispatch()

    assert list(gateway.box.messages()) == []
    assert outcome_of(world, parent) == ("failed", "differs.way_out")


def test_an_offer_by_sms_needs_the_sender_whose_way_out_is_a_word(
    world: World, parent: Person, gateway: SmsGateway, dispatch: Dispatch
) -> None:
    world.allow_offers()
    world.consent(parent)
    campaign = world.propose(**BY_SMS | {"sender": "zgoda-offers"})
    world.discard_notices()

    world.approve(campaign)

    assert world.stored("SELECT state, code FROM consent.envelope WHERE campaign_id = %s", campaign) == [
        ("suppressed", "DENY_NO_WITHDRAWAL_PATH")
    ]


def test_revoking_stops_offers_by_sms(world: World, parent: Person, gateway: SmsGateway, dispatch: Dispatch) -> None:
    world.queue_offers([parent])
    with world.inside() as connection:
        gate.revoke(actor=world.director.id, reason="enough", connection=connection)

    dispatch()

    assert list(gateway.box.messages()) == []


def test_neither_number_nor_text_reaches_a_log_or_a_report(world: World, parent: Person, dispatch: Dispatch) -> None:
    for digits in ("0001", "0003", "0007", "4567"):
        world.queue_message(world.add_person(number_that(digits)), "Wycieczka", "Zbiórka o 8.00.")

    with captured_reports("dispatch") as reports:
        (handler,) = (one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler)
        written = io.StringIO()
        former = handler.setStream(written)
        try:
            dispatch()
        finally:
            handler.setStream(former)

    assert "dispatch.done" in written.getvalue()
    for told in (written.getvalue(), *reports):
        assert "50123" not in told
        assert "Zbi" not in told


def test_numbers_and_texts_never_travel_in_the_clear() -> None:
    with pytest.raises(UnusableGateway):
        SmsChannel(url="http://sms.example", token="t", notify_url="https://zgoda.example/sms/report/x")


@pytest.mark.parametrize("code", [None, "", "x", [], {}, -1, 1.5, True])
def test_an_answer_that_nobody_understands_may_mean_anything(code: object) -> None:
    assert judge_code(code).outcome in ("unknown", "failed")
