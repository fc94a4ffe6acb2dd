from tests.dispatch.conftest import Dispatch
from tests.dispatch.smtp_server import Steps
from tests.dispatch.world import Person, World


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
    text = message.get_body(("plain",)).get_content()
    assert text.startswith("Od szkoły: SP Brzozowa.\n\nZbiórka o 8.00 przed szkołą.\n")
    assert "List-Unsubscribe" not in message
    assert world.state_of(envelope) == "sent"


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
