import time
from collections.abc import Callable

import pytest

from notifications.channels import email as email_channel
from opt_in.gate import school as gate
from tests.dispatch.conftest import Dispatch
from tests.dispatch.smtp_server import Steps, dripping_server, free_port, silent_server
from tests.dispatch.world import Person, World

TEMPORARY = "451 4.3.0 try again later"
NO_SUCH_MAILBOX = "550 5.1.1 no such user here"
BLOCKED_BY_POLICY = "554 5.7.1 your host is on a list"


def reply(text: str) -> Callable[[], str]:
    return lambda: text


def once(text: str) -> Callable[[], str | None]:
    """Answer so the first time only."""
    answers = [text]
    return lambda: answers.pop() if answers else None


def attempts(world: World) -> list[tuple[str, int]]:
    return world.stored("SELECT state, attempts FROM consent.envelope WHERE class <> 'platform_service' ORDER BY 1")


def test_nothing_is_claimed_while_the_server_refuses_connections(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    world.queue_offers([guardian])

    dispatch(port=free_port())

    assert attempts(world) == [("queued", 0)]

    dispatch()

    assert smtp.recipients == [guardian.address]


def test_nothing_is_claimed_while_the_server_is_silent(world: World, guardian: Person, dispatch: Dispatch) -> None:
    world.queue_offers([guardian])
    began = time.monotonic()

    with silent_server() as port:
        dispatch(port=port, timeout=1)

    assert time.monotonic() - began < 5
    assert attempts(world) == [("queued", 0)]


def test_a_server_that_drips_letters_does_not_hold_us(world: World, guardian: Person, dispatch: Dispatch) -> None:
    world.queue_offers([guardian])
    began = time.monotonic()

    with dripping_server(seconds_between_bytes=0.3) as port:
        dispatch(port=port, timeout=1)

    assert time.monotonic() - began < 5
    assert attempts(world) == [("queued", 0)]


def test_a_schools_message_refused_for_now_is_tried_again_later(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    world.queue_message(guardian)
    smtp.at["rcpt"] = once(TEMPORARY)

    dispatch()

    assert smtp.accepted == []
    assert attempts(world) == [("queued", 1)]
    assert world.stored("SELECT next_look_at > clock_timestamp() + '10 s' FROM consent.envelope WHERE state = 'queued'")

    world.let_retries_be_due()
    dispatch()

    assert smtp.recipients == [guardian.address]
    assert attempts(world) == [("sent", 2)]


def test_an_offer_refused_for_now_is_never_tried_again(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    world.queue_offers([guardian])
    smtp.at["rcpt"] = once(TEMPORARY)

    dispatch()
    dispatch()

    assert smtp.accepted == []
    assert world.states() == {"failed": 1}


def test_a_mailbox_that_does_not_exist_gets_nothing_more(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    first = world.queue_message(guardian)
    smtp.at["rcpt"] = once(NO_SUCH_MAILBOX)

    dispatch()
    second = world.queue_message(guardian)
    dispatch()

    assert smtp.accepted == []
    assert world.state_of(first) == "bounced"
    assert world.stored("SELECT code FROM consent.envelope WHERE envelope_id = %s", second) == [
        ("DENY_SUPPRESSED_BOUNCE",)
    ]


def test_a_server_that_blocks_us_does_not_stop_the_persons_later_mail(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    first = world.queue_message(guardian)
    smtp.at["rcpt"] = once(BLOCKED_BY_POLICY)

    dispatch()
    second = world.queue_message(guardian)
    dispatch()

    assert world.state_of(first) == "failed"
    assert world.state_of(second) == "sent"


def test_the_servers_words_are_not_kept(world: World, guardian: Person, smtp: Steps, dispatch: Dispatch) -> None:
    world.queue_message(guardian)
    smtp.at["data"] = reply("554 5.6.0 message for majda@example.pl refused")

    dispatch()

    assert world.stored("SELECT state, detail FROM consent.envelope WHERE class = 'school_service'") == [
        ("failed", "smtp.554.5.6.0")
    ]


def test_an_offer_that_may_have_arrived_is_unknown_and_never_sent_again(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_channel, "SECONDS_PER_MESSAGE", 1.0)
    world.queue_offers([guardian])
    smtp.at["accepted"] = lambda: time.sleep(2)

    dispatch()
    assert world.states() == {"claimed": 1}
    world.end_leases()
    dispatch()

    assert smtp.recipients == [guardian.address]
    assert world.states() == {"unknown": 1}


def test_a_schools_message_that_may_have_arrived_is_sent_again_as_the_same_message(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_channel, "SECONDS_PER_MESSAGE", 1.0)
    world.queue_message(guardian)
    smtp.at["accepted"] = lambda: time.sleep(2)

    dispatch()
    del smtp.at["accepted"]
    world.let_retries_be_due()
    dispatch()

    first, second = (message["Message-ID"] for _to, message in smtp.accepted)
    assert first == second
    assert attempts(world) == [("sent", 2)]


@pytest.mark.parametrize("step", ["mail", "rcpt"])
def test_a_connection_that_closes_between_two_offers_costs_neither(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch, step: str
) -> None:
    other = world.add_person("other@example.pl")
    third = world.add_person("third@example.pl")
    world.queue_offers([guardian, other, third])
    answers = [None, "421 4.7.0 too many messages in one connection"]
    smtp.at[step] = lambda: answers.pop(0) if answers else None

    dispatch()

    assert sorted(smtp.recipients) == sorted([guardian.address, other.address, third.address])
    assert world.states() == {"sent": 3}


def test_a_slow_server_costs_no_offer(world: World, smtp: Steps, dispatch: Dispatch) -> None:
    people = [world.add_person(f"person{number}@example.pl") for number in range(8)]
    world.queue_offers(people)
    smtp.delay = 0.1

    dispatch()

    assert sorted(smtp.recipients) == [person.address for person in people]
    assert world.states() == {"sent": 8}


def test_the_pace_is_kept_and_nothing_is_claimed_ahead(world: World, smtp: Steps, dispatch: Dispatch) -> None:
    people = [world.add_person(f"person{number}@example.pl") for number in range(10)]
    world.queue_offers(people)
    claimed: list[int] = []

    def look() -> None:
        claimed.append(world.states()["claimed"])

    smtp.at["accepted"] = look
    dispatch(pace=20)

    assert claimed == [1] * 10
    ((seconds,),) = world.stored("SELECT extract(epoch FROM max(decided_at) - min(decided_at)) FROM consent.decision")
    assert 9 * 0.05 * 0.98 <= seconds < 5


def test_after_a_revocation_no_further_offer_leaves(world: World, smtp: Steps, dispatch: Dispatch) -> None:
    people = [world.add_person(f"person{number}@example.pl") for number in range(10)]
    world.queue_offers(people)

    def revoke_after_three() -> None:
        if len(smtp.accepted) == 3:
            with world.inside() as connection:
                gate.revoke(actor=world.director.id, reason="enough", connection=connection)

    smtp.at["accepted"] = revoke_after_three
    dispatch(pace=50)

    assert len(smtp.accepted) == 3
    assert world.states() == {"sent": 3, "denied": 7}


def test_a_lost_database_is_told_afterwards_what_was_sent(
    world: World, guardian: Person, smtp: Steps, dispatch: Dispatch
) -> None:
    world.queue_offers([guardian])

    def cut() -> None:
        world.stored("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app_dispatch'")

    smtp.at["accepted"] = cut
    dispatch()

    assert smtp.recipients == [guardian.address]
    assert world.states() == {"sent": 1}
