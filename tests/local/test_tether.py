import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

from local.tether import tethered, unstoppable


class Stop(BaseException):
    """What the handler raises, as the demo's does."""


@pytest.fixture
def stop_on_hangup() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stop

    before = signal.signal(signal.SIGHUP, stop)
    yield
    signal.signal(signal.SIGHUP, before)


def hang_up() -> None:
    os.kill(os.getpid(), signal.SIGHUP)


def test_a_request_to_stop_that_comes_during_a_fork_is_not_lost(stop_on_hangup: None) -> None:
    """Registered like the hook of Python's own logging module, in which such a request did get lost."""
    forks: list[Callable[[], None]] = [hang_up]
    os.register_at_fork(after_in_parent=lambda: forks.pop()() if forks else None)
    child: subprocess.Popen[bytes] | None = None

    with pytest.raises(Stop), unstoppable():
        child = subprocess.Popen(["true"], preexec_fn=tethered(signal.SIGTERM))

    assert child is not None
    assert child.wait() == 0


def test_a_child_hears_requests_to_stop(stop_on_hangup: None) -> None:
    with unstoppable():
        child = subprocess.Popen(["sleep", "60"], preexec_fn=tethered(signal.SIGTERM))

    child.send_signal(signal.SIGHUP)

    assert child.wait(timeout=5) == -signal.SIGHUP
