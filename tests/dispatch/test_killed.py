"""kill -9 at each step between "due" and "complete": nothing is lost, and no offer is sent twice."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from local.environment import environment_for
from local.keys import keys_of
from local.places import ROOT
from local.run import command_of
from tests.dispatch.smtp_server import MailServer, Steps
from tests.dispatch.world import Person, World

TIMEOUT = 30


@dataclass(slots=True)
class Process:
    """A dispatcher as production starts it."""

    world: World
    port: int
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        environment = environment_for("dispatch", self.world.cluster.state) | {
            "ZGODA_DB_NAME": self.world.database,
            "ZGODA_SMTP_PORT": str(self.port),
        }
        process = subprocess.Popen(command_of(["manage.py", "dispatcher", *options]), cwd=ROOT, env=environment)
        self.running.append(process)
        return process

    def run_once(self) -> None:
        assert self.start("--once").wait(TIMEOUT) == 0


@pytest.fixture
def process(world: World, server: MailServer) -> Iterator[Process]:
    process = Process(world, server.port)
    yield process
    for started in process.running:
        if started.poll() is None:
            started.kill()
            started.wait()


def wait_until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + TIMEOUT
    while not holds():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


@contextmanager
def sleeping(world: World, function: str) -> Iterator[None]:
    """Make one function of the gate wait before it does anything, and the gate whole again afterwards."""
    ((original,),) = world.stored("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE oid = %s::regproc", function)
    world.stored(original.replace("BEGIN\n", "BEGIN\n    PERFORM pg_sleep(60);\n", 1))
    try:
        yield
    finally:
        world.stored("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app_dispatch'")
        world.stored(original)


def is_sleeping(world: World) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app_dispatch' AND wait_event = 'PgSleep'"
    return bool(world.stored(query)[0][0])


def kill_after_due(world: World, process: Process, smtp: Steps) -> None:
    smtp.at["ehlo"] = lambda: time.sleep(2)
    dispatcher = process.start()
    wait_until(lambda: "ehlo" in smtp.reached)
    dispatcher.kill()
    dispatcher.wait()
    smtp.at.clear()


def kill_after_claim(world: World, process: Process, smtp: Steps) -> None:
    dispatcher = process.start()
    _wait_for_start(world)
    with sleeping(world, "consent.take"):
        yield_to_dispatcher(world)
        dispatcher.kill()
        dispatcher.wait()


def kill_after_take(world: World, process: Process, smtp: Steps) -> None:
    _kill_at("mail", process, smtp)


def kill_while_sending(world: World, process: Process, smtp: Steps) -> None:
    _kill_at("data", process, smtp)


def kill_after_the_server_took_it(world: World, process: Process, smtp: Steps) -> None:
    _kill_at("accepted", process, smtp)


def kill_before_complete(world: World, process: Process, smtp: Steps) -> None:
    dispatcher = process.start()
    _wait_for_start(world)
    with sleeping(world, "consent.complete"):
        yield_to_dispatcher(world)
        dispatcher.kill()
        dispatcher.wait()


def _kill_at(step: str, process: Process, smtp: Steps) -> None:
    smtp.at[step] = lambda: time.sleep(2)
    dispatcher = process.start()
    wait_until(lambda: step in smtp.reached)
    dispatcher.kill()
    dispatcher.wait()
    smtp.at.clear()


def _wait_for_start(world: World) -> None:
    """Until the dispatcher has passed its check of the gate; what is queued is held back so long."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app_dispatch' AND query LIKE '%%consent.due%%'"
    wait_until(lambda: world.stored(query)[0][0])


def yield_to_dispatcher(world: World) -> None:
    world.let_retries_be_due()
    wait_until(lambda: is_sleeping(world))


def hold_back(world: World) -> None:
    world.stored("UPDATE consent.envelope SET next_look_at = clock_timestamp() + '1 h' WHERE state = 'queued'")


Kill = Callable[[World, Process, Steps], None]
# step → how many copies have arrived when the dispatcher dies there
STEPS: list[tuple[Kill, int]] = [
    (kill_after_due, 0),
    (kill_after_claim, 0),
    (kill_after_take, 0),
    (kill_while_sending, 0),
    (kill_after_the_server_took_it, 1),
    (kill_before_complete, 1),
]
HELD_BACK = (kill_after_claim, kill_before_complete)


@pytest.mark.parametrize(("kill", "arrived"), STEPS)
def test_no_offer_is_sent_twice(
    world: World, guardian: Person, smtp: Steps, process: Process, kill: Kill, arrived: int
) -> None:
    world.queue_offers([guardian])
    if kill in HELD_BACK:
        hold_back(world)

    kill(world, process, smtp)
    assert len(smtp.accepted) == arrived
    world.end_leases()
    world.let_retries_be_due()
    process.run_once()

    if kill is kill_after_due:
        assert world.states() == {"sent": 1}
        assert smtp.recipients == [guardian.address]
    else:
        # It was claimed, so it may have been sent: never again, and the ledger says that nobody knows.
        assert len(smtp.accepted) == arrived
        assert world.states() == {"unknown": 1}


@pytest.mark.parametrize(("kill", "arrived"), STEPS)
def test_no_message_of_the_school_is_lost(
    world: World, guardian: Person, smtp: Steps, process: Process, kill: Kill, arrived: int
) -> None:
    envelope = world.queue_message(guardian)
    if kill in HELD_BACK:
        hold_back(world)

    kill(world, process, smtp)
    assert len(smtp.accepted) == arrived
    world.end_leases()
    world.let_retries_be_due()
    process.run_once()

    assert smtp.recipients == [guardian.address] * (arrived + 1)
    assert {message["Message-ID"] for _to, message in smtp.accepted} == {f"<{envelope}@zgoda.example>"}
    assert world.state_of(envelope) == "sent"


def test_sigterm_lets_the_message_in_hand_finish_and_claims_no_other(
    world: World, smtp: Steps, process: Process
) -> None:
    envelopes = [world.queue_message(world.add_person(f"person{number}@example.pl")) for number in range(3)]
    smtp.at["accepted"] = lambda: time.sleep(1)
    dispatcher = process.start()
    wait_until(lambda: "accepted" in smtp.reached)

    dispatcher.send_signal(signal.SIGTERM)

    assert dispatcher.wait(TIMEOUT) == 0
    assert len(smtp.accepted) == 1
    assert sorted(world.state_of(envelope) for envelope in envelopes) == ["queued", "queued", "sent"]


def test_an_idle_dispatcher_stops_at_once(world: World, process: Process) -> None:
    dispatcher = process.start()
    _wait_for_start(world)
    began = time.monotonic()

    dispatcher.send_signal(signal.SIGTERM)

    assert dispatcher.wait(TIMEOUT) == 0
    assert time.monotonic() - began < 2


def test_a_dispatcher_with_the_keys_of_another_process_does_not_start(world: World, process: Process) -> None:
    state = world.cluster.state
    wrong = environment_for("dispatch", state) | {
        "ZGODA_DB_NAME": world.database,
        "ZGODA_DB_PASSWORD": keys_of(state).password_of("app_keeper"),
        "ZGODA_SMTP_PORT": str(process.port),
    }

    ended = subprocess.run(
        command_of(["manage.py", "dispatcher", "--once"]),
        cwd=ROOT,
        env=wrong,
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )

    assert ended.returncode != 0
    assert b"password authentication failed" in ended.stderr
