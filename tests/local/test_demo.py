"""make demo as a person uses it: the whole thing, with a state folder and ports of its own."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import psutil
import pytest

from local.environment import MAIL_PAGE_PORT, PUBLIC_PORT, SCHOOL_PORT, SMS_PORT, VENDOR_PORT
from local.places import ROOT, temporary_state
from local.postgres import Cluster
from local.processes import STOP_SECONDS
from local.services import SERVICES

# Neither a demo nor other tests that run at the same time may be in the way.
_OFFSETS = list(range(10_000, 16_900, 100))
_PORTS = [port for service in SERVICES.values() for port in service.ports]
_SERVING = "Ctrl-C stops everything."


def free_offset() -> int:
    first = os.getpid() % len(_OFFSETS)
    for offset in [*_OFFSETS[first:], *_OFFSETS[:first]]:
        if not any(is_listening(offset + port) for port in _PORTS):
            return offset
    raise RuntimeError("No free ports for a demo of the tests.")


@pytest.fixture(scope="module")
def demo_state() -> Iterator[Path]:
    with temporary_state() as folder:
        yield folder


@pytest.fixture(autouse=True)
def no_demo_outlives_its_test() -> Iterator[None]:
    """A test that fails must not make the next ones fail by the ports that its demo still holds."""
    yield
    while Demo.running:
        demo = Demo.running.pop()
        if demo.process.poll() is None:
            demo.process.terminate()
            demo.end()


class Demo:
    """One run of make demo, and all that it printed."""

    running: ClassVar[list["Demo"]] = []

    def __init__(self, state: Path, *arguments: str) -> None:
        self.running.append(self)
        self.state = state
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local.demo", *arguments],
            cwd=ROOT,
            env=os.environ | {"ZGODA_STATE": str(state), "ZGODA_PORT_OFFSET": str(_OFFSET)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.printed: list[str] = []

    def wait_for(self, text: str) -> float:
        """Seconds from the start until it printed this."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed.append(line)
            if text in line:
                return time.monotonic() - self.began
        raise AssertionError(f"It ended without saying {text!r}:\n{''.join(self.printed)}")

    def end(self) -> tuple[int, str]:
        """Exit code and everything that was printed."""
        rest, _ = self.process.communicate(timeout=60)
        return self.process.returncode, "".join(self.printed) + rest

    def press_ctrl_c(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)


def title_of(process: psutil.Process) -> str:
    """Its own command line; of a process that became something else by exec, the one that it has now."""
    return " ".join(process.cmdline())


def left_of(state: Path) -> list[psutil.Process]:
    """Every process that belongs to this state folder, by its environment or its command line."""
    place = str(Cluster(state)._place)
    found = []
    for process in psutil.process_iter():
        try:
            belongs = process.environ().get("ZGODA_STATE") == str(state) or place in title_of(process)
        except psutil.Error:
            continue
        if belongs and process.pid != os.getpid():
            found.append(process)
    return found


def nothing_is_left(state: Path) -> bool:
    # The manager gives applications, and then servers, its full patience before it kills what does not end.
    deadline = time.monotonic() + 2 * STOP_SECONDS + 5
    while left_of(state) and time.monotonic() < deadline:
        time.sleep(0.1)
    sockets = [path for path in Path(Cluster(state).host).glob(".s.*") if path.is_socket()]
    return not left_of(state) and not sockets and not any(is_listening(port) for port in ports())


def ports() -> list[int]:
    return [_OFFSET + port for port in _PORTS]


def is_listening(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


_OFFSET = free_offset()


def status_of(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", _OFFSET + port, timeout=10)
    connection.request("GET", path, headers={"Host": "localhost"})
    return connection.getresponse().status


def test_it_serves_until_ctrl_c_and_leaves_nothing(demo_state: Path) -> None:
    demo = Demo(demo_state, "--no-story")
    demo.wait_for(_SERVING)

    answers = [status_of(port, "/health") for port in (SCHOOL_PORT, VENDOR_PORT, PUBLIC_PORT)]
    arrived = [status_of(port, "/") for port in (MAIL_PAGE_PORT, SMS_PORT)]
    demo.press_ctrl_c()
    code, printed = demo.end()

    assert answers == [200, 200, 200]
    assert arrived == [200, 200]
    assert code == 0
    assert printed.rstrip().endswith("Stopped by SIGINT. Nothing is left running.")
    assert nothing_is_left(demo_state)


def test_a_second_start_takes_seconds_and_a_second_demo_is_refused(demo_state: Path) -> None:
    first = Demo(demo_state, "--no-story")
    first.wait_for(_SERVING)
    first.press_ctrl_c()
    first.end()

    demo = Demo(demo_state, "--no-story")
    demo.wait_for(_SERVING)
    worked = sum(process.cpu_times().user + process.cpu_times().system for process in left_of(demo_state))

    code, printed = Demo(demo_state, "--no-story").end()
    demo.press_ctrl_c()
    demo.end()

    # Five seconds on two cores are ten seconds of work. Counted as work, it is the same on a busy machine.
    assert worked < 7
    assert code == 1
    assert f"already running here (process {demo.process.pid})" in printed
    assert nothing_is_left(demo_state)


def test_a_process_that_dies_stops_everything_and_is_named(demo_state: Path) -> None:
    demo = Demo(demo_state, "--no-story")
    demo.wait_for(_SERVING)
    (keeper,) = [process for process in left_of(demo_state) if title_of(process).endswith("manage.py keeper")]

    keeper.kill()
    code, printed = demo.end()

    assert code == 1
    assert "The keeper ended by itself (terminated by SIGKILL" in printed
    assert nothing_is_left(demo_state)


def test_a_demo_that_is_killed_leaves_nothing(demo_state: Path) -> None:
    demo = Demo(demo_state, "--no-story")
    demo.wait_for(_SERVING)

    demo.process.kill()
    demo.end()

    assert nothing_is_left(demo_state)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize("after", [0.3, 1.0, 2.0])
def test_a_demo_that_is_stopped_while_starting_leaves_nothing(
    demo_state: Path, number: signal.Signals, after: float
) -> None:
    demo = Demo(demo_state, "--no-story")
    time.sleep(after)

    demo.process.send_signal(number)
    demo.end()

    assert nothing_is_left(demo_state)


def test_a_demo_that_is_stopped_while_preparing_leaves_nothing_and_goes_on_next_time(state: Path) -> None:
    demo = Demo(state, "--no-story")
    demo.wait_for("Schema vendor")

    demo.press_ctrl_c()
    code, printed = demo.end()

    assert code == 0, printed
    assert nothing_is_left(state)
    assert not (state / "prepared").exists()


def test_a_taken_port_is_said_at_once(demo_state: Path) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", _OFFSET + VENDOR_PORT))
        listener.listen()

        code, printed = Demo(demo_state, "--no-story").end()

    assert code == 1
    assert f"Port {_OFFSET + VENDOR_PORT}, which the vendor console needs, is taken by" in printed
    assert nothing_is_left(demo_state)
