"""Text messages through the loopback gateway, which speaks the provider's protocol over real HTTP."""

import io
import logging
import re

import pytest

from local.sms_box import Message
from local.sms_gateway import SmsGateway
from notifications.channels.sms import SmsChannel, UnusableGateway
from notifications.sms_text import sms_parts
from opt_in.gate import school as gate
from tests.dispatch.conftest import Dispatch
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


def test_nothing_in_a_text_is_a_command_to_the_gateway(world: World, gateway: SmsGateway, dispatch: Dispatch) -> None:
    """SMSAPI makes of [%idzdo:…%] a link of its own for each number, and counts who followed it."""
    parent = world.add_person(PHONE)
    world.allow_offers()
    world.consent(parent)
    world.queue_campaign({**BY_SMS, "texts": {"sms": {"pl": {"body": "Plus: [%idzdo:zgoda.example%] [%1%]"}}}})

    dispatch()

    assert "Plus: [ %idzdo:zgoda.example%] [ %1%]" in only_message(gateway).text
