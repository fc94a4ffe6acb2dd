"""make demo: prepares the database, starts everything, plays the story, prints the addresses, serves until Ctrl-C."""

import argparse
import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from local import story
from local.environment import MAIL_PAGE_PORT, SCHOOL_PORT, SMS_PORT, VENDOR_PORT, turn_knob
from local.keys import keys_of
from local.logins import read_logins
from local.places import temporary_state
from local.ports import PortTaken, require_free_ports
from local.postgres import ClusterNotStarted
from local.prepare import SCHOOLS, PreparationFailed, prepare
from local.processes import Processes, ProcessFailed
from local.run import chosen_state
from local.services import programs
from local.static_files import StaticFilesNotCollected
from local.story_acts import ActFailed

_PACE = "ZGODA_DISPATCH_PACE"


class AlreadyRunning(RuntimeError):
    """Another make demo uses the same state folder."""


_FAILURES = (
    AlreadyRunning,
    PortTaken,
    ClusterNotStarted,
    PreparationFailed,
    StaticFilesNotCollected,
    ProcessFailed,
    ActFailed,
)


class Interrupted(BaseException):
    """Somebody asked us to end. Not an Exception, so that nothing on the way mistakes it for an error."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make demo", description="Run Zgoda on this machine.")
    parser.add_argument("--story", action="store_true", help="play the story, check it, and exit")
    parser.add_argument("--no-story", action="store_true", help="only serve")
    options = parser.parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return _demo(chosen_state(), plays=not options.no_story, serves=not options.story)
    except Interrupted as interrupted:
        tell(f"Stopped by {signal.Signals(interrupted.signal_number).name}. Nothing is left running.")
        return 0 if _is_ordinary_end(interrupted, options) else 128 + interrupted.signal_number
    except _FAILURES as failure:
        tell(f"{failure}\nNothing is left running.")
        return 1


def _is_ordinary_end(interrupted: Interrupted, options: argparse.Namespace) -> bool:
    """Ctrl-C is the ordinary end of a demo that serves."""
    return interrupted.signal_number == signal.SIGINT and not options.story


def _demo(state: Path, *, plays: bool, serves: bool) -> int:
    with _alone(state):
        require_free_ports()
        if serves:
            return _serve(state, plays=plays)
        # Played on data of its own, made anew each time, and so the same each time.
        with temporary_state() as stage:
            try:
                return _play_once(stage)
            finally:
                shutil.copytree(stage / "logs", state / "story-logs", dirs_exist_ok=True)


def _play_once(state: Path) -> int:
    (state / "logs").mkdir(mode=0o700)
    with _everything(state, paced=True) as processes, processes.failing_loudly():
        return story.main(state)


def _serve(state: Path, *, plays: bool) -> int:
    played = state / "played"
    plays = plays and not played.exists()
    with _everything(state, paced=plays) as processes:
        result = 0
        if plays:
            with processes.failing_loudly():
                result = story.main(state)
                played.touch()
                turn_knob("dispatch", _PACE, "", state)
                processes.restart("dispatcher")
        tell(addresses(state))
        processes.wait()
    return result


@contextmanager
def _everything(state: Path, *, paced: bool) -> Iterator[Processes]:
    """All processes on a prepared database. Paced: a person could act while the mails go out."""
    began = time.monotonic()
    turn_knob("dispatch", _PACE, str(story.PACE) if paced else "", state)
    prepare(state, lambda title: tell(f"  {title}"))
    processes = Processes(state, programs())
    try:
        processes.start()
        processes.wait_until_ready()
        tell(f"Everything runs, after {time.monotonic() - began:.1f} s.")
        yield processes
    finally:
        with _undisturbed():
            processes.stop()


def addresses(state: Path) -> str:
    """Where everything is and who can log in there."""
    logins = read_logins(state)

    def lines_of(title: str, url: str, at: str) -> list[str]:
        people = [f"      {login.role:<18} {login.username}" for login in logins if login.at == at]
        return [f"  {title:<24} {url}", *people]

    lines = [f"Log in with one of these user names and the password {keys_of(state).demo_password}", ""]
    for school in SCHOOLS:
        lines += lines_of(school.name, f"http://{school.subdomain}.localhost:{SCHOOL_PORT}/", school.subdomain)
    lines += lines_of("Vendor console", f"http://localhost:{VENDOR_PORT}/", "")
    lines += [
        f"  {'Mail that arrived':<24} http://localhost:{MAIL_PAGE_PORT}/",
        f"  {'Text messages':<24} http://localhost:{SMS_PORT}/",
        f"  {'Logs':<24} {state / 'logs'}",
    ]
    return "\n".join(["", *lines, "", "Ctrl-C stops everything."])


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (state / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunning(f"make demo is already running here (process {lock.read().strip()}).") from None
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C must not interrupt the stopping, or something would be left running."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(signal_number: int, _frame: FrameType | None) -> None:
    raise Interrupted(signal_number)


def tell(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
