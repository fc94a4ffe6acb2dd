import json
import re
import time
from email.header import decode_header
from threading import Event
from typing import Any
from uuid import uuid4

from notifications.channels.delivery import Delivery
from notifications.channels.email import EmailChannel, Mail, compose
from notifications.dispatcher import Dispatcher
from notifications.lanes import ContentOf, Lane, Send
from notifications.rendering import Rendered
from opt_in.gate import keeper
from opt_in.gate.dispatch import Taken
from tests.dispatch.conftest import Dispatch
from tests.dispatch.smtp_server import MailServer, Steps, part
from tests.dispatch.world import Person, World
from tests.public.capturing import captured_reports


def test_a_schools_message_arrives_in_the_readers_language(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    envelope = world.queue_message(guardian, "Wycieczka", "Zbiórka o 8.00 przed szkołą.")

    dispatch()

    message = smtp.to("majda@example.pl")
    assert message["Subject"] == "Wycieczka"
    assert message["From"] == "SP Brzozowa <school@zgoda.example>"
    assert message["To"] == "majda@example.pl"
    assert message["Content-Language"] == "pl"
    assert message["Message-ID"] == f"<{envelope}@zgoda.example>"
    assert part(message, "plain").startswith("Od szkoły: SP Brzozowa.\n\nZbiórka o 8.00 przed szkołą.\n")
    assert "<p>Zbiórka o 8.00 przed szkołą.</p>" in part(message, "html")
    assert "List-Unsubscribe" not in message
    assert world.state_of(envelope) == "sent"


def test_a_schools_long_name_arrives_whole_in_words_that_every_mailbox_reads(server: MailServer, settings: Any) -> None:
    """RFC 2047, 2: none longer than 75 letters."""
    name = "Zespół Szkół Ogólnokształcących nr 3 im. Władysława Jagiełły w Rzeszowie, filia w Łące"
    mail = Mail(uuid4(), "majda@example.pl", name, "school@zgoda.example", "pl", Rendered("Wycieczka", "a", "<p>a</p>"))
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_BACKEND = "notifications.channels.smtp.SmtpBackend"

    delivery = EmailChannel().send(mail, deadline=time.monotonic() + 5)

    assert delivery.outcome == "sent"
    words = re.findall(r"=\?.*?\?=", compose(mail).message()["From"])
    assert max(map(len, words)) <= 75
    assert decode_header(" ".join(words)) == [(name.encode(), "utf-8")]
    assert "school@zgoda.example" in str(server.steps.to("majda@example.pl")["From"])


def test_what_was_sent_is_not_sent_again(world: World, guardian: Person, smtp: Steps, dispatch: Dispatch) -> None:
    world.queue_message(guardian)

    dispatch()
    dispatch()

    assert smtp.recipients == ["majda@example.pl"]


def test_the_parameters_are_gone_once_the_message_is_sent(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    world.queue_message(guardian)

    dispatch()

    assert world.stored("SELECT count(*) FROM consent.envelope WHERE params IS NOT NULL") == [(0,)]


def test_a_code_goes_only_to_the_contact_that_asked(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    world.queue("contact.code", guardian, {"code": "493027", "minutes": 15})

    dispatch()

    message = smtp.to("majda@example.pl")
    assert message["Subject"] == "493027 to Pani/Pana kod (SP Brzozowa)"
    assert message["From"] == "Zgoda <notices@zgoda.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Jest ważny przez 15 minut." in part(message, "plain")


def test_the_director_hears_of_a_request_before_any_guardian(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    world.consent(guardian)
    campaign = world.propose()

    dispatch()

    assert smtp.recipients == ["director@example.pl"]
    text = part(smtp.to("director@example.pl"), "plain")
    assert "(pakiet Plus)" in text
    assert "Pani/Pana szkoła nie zezwoliła na oferty dla rodziców." in text
    assert str(campaign) in text


def test_a_checkpoint_goes_to_director_and_chair_as_a_file_for_the_verifier(
    world: World, smtp: Steps, dispatch: Dispatch
) -> None:
    with world.login("app_keeper") as connection:
        points = keeper.make_checkpoint(world.school_id, connection=connection)

    dispatch()

    assert sorted(smtp.recipients) == ["chair@example.pl", "director@example.pl"]
    message = smtp.to("chair@example.pl")
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "checkpoints.json"
    assert json.loads(attachment.get_content()) == list(points)
    assert points[0]["root"] in part(message, "plain")


def test_urgent_messages_go_first(world: World, guardian: Person, smtp: Steps, dispatch: Dispatch) -> None:
    world.queue_message(guardian, "first queued")
    world.queue("contact.code", guardian, {"code": "493027", "minutes": 15})

    dispatch()

    assert "493027" in str(smtp.accepted[0][1]["Subject"])


def test_a_message_whose_parameters_were_changed_is_never_sent(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    envelope = world.queue("school.message", guardian, {"subject": "a", "body": "b"}, content_sha256=b"x" * 32)

    dispatch()

    assert smtp.accepted == []
    assert world.stored("SELECT state, detail FROM consent.envelope WHERE envelope_id = %s", envelope) == [
        ("failed", "differs.parameters")
    ]


def test_one_message_that_cannot_be_written_does_not_hold_up_the_others(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    broken = world.queue("school.message", guardian, {"subject": "no body"})
    world.queue_message(guardian, "Wycieczka")

    dispatch()

    assert [message["Subject"] for _to, message in smtp.accepted] == ["Wycieczka"]
    assert world.stored("SELECT state, detail, attempts FROM consent.envelope WHERE envelope_id = %s", broken) == [
        ("queued", "compose.failed", 1)
    ]


class FallsOver(Lane):
    """A channel with a mistake in it."""

    channels = ("email",)

    def compose(self, taken: Taken, content_of: ContentOf) -> Send:
        def send(_deadline: float) -> Delivery:
            raise KeyError("majda@example.pl")

        return send


def test_a_mistake_while_sending_ends_neither_the_dispatcher_nor_the_other_messages(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    world.queue_offers([guardian])
    message = world.queue_message(guardian)

    Dispatcher(lanes=[FallsOver(None)], pace=None, stop=Event()).run(once=True)

    assert world.state_of(message) == "queued"
    world.end_leases()
    assert world.states() == {"unknown": 1}


def test_an_error_while_composing_is_reported_without_the_message(
    world: World, guardian: Person, dispatch: Dispatch
) -> None:
    world.queue("school.message", guardian, {"majda@example.pl": "Zakrajšek is ill"})

    with captured_reports("dispatch") as reports:
        dispatch()

    (report,) = reports
    assert "dispatch.cannot_compose" in report
    assert "UnusableParameters" in report
    assert "majda" not in report
    assert "Zakraj" not in report
    assert " ill" not in report


def test_a_message_for_a_channel_we_do_not_have_fails_and_says_so(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    envelope = world.queue_message(guardian)
    world.stored("ALTER TABLE consent.envelope DISABLE TRIGGER USER")
    world.stored("UPDATE consent.envelope SET channel = 'push' WHERE envelope_id = %s", envelope)
    world.stored("UPDATE consent.contact SET channel = 'push' WHERE contact_id = %s", guardian.contact)

    dispatch()

    assert smtp.accepted == []
    assert world.stored("SELECT state, detail FROM consent.envelope WHERE envelope_id = %s", envelope) == [
        ("failed", "channel.none")
    ]


def test_an_address_that_would_write_a_header_is_refused(world: World, smtp: Steps, dispatch: Dispatch) -> None:
    person = world.add_person("a@example.pl\r\nBcc: b@example.pl")
    envelope = world.queue_message(person)

    dispatch()

    assert smtp.accepted == []
    assert world.stored("SELECT state, detail FROM consent.envelope WHERE envelope_id = %s", envelope) == [
        ("failed", "content.unusable")
    ]
