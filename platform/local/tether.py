"""Ties a child process to its parent, so that nothing stays behind when the parent is killed with -9."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# The environment variable in which the process manager tells its children which process their parent is.
MANAGER = "ZGODA_MANAGER"
_PR_SET_PDEATHSIG = 1
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Loaded here, not in the child: between fork and exec as little as possible may happen.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with_manager(signal_number: int = signal.SIGTERM) -> None:
    """Be sent this signal when our parent ends; the tie outlives exec. Ends at once if it has ended already."""
    _tie(signal_number)
    if os.getppid() != int(os.environ.get(MANAGER, os.getppid())):
        sys.exit("The process manager ended before this process began.")


def tethered(signal_number: int) -> Callable[[], None]:
    """What to give to Popen(preexec_fn=…) inside unstoppable(). It runs after setuid, which would clear the tie."""
    parent = os.getpid()

    def tie() -> None:
        for number in _STOPPING:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
        _tie(signal_number)
        if os.getppid() != parent:  # the parent died before the tie was made
            os.kill(os.getpid(), signal.SIGKILL)

    return tie


@contextmanager
def unstoppable() -> Iterator[None]:
    """Around Popen(preexec_fn=…): a request to stop waits until the child is there.

    Python runs hooks of its own around such a fork, and what our signal handler raises inside them is lost.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _tie(signal_number: int) -> None:
    """Only Linux can do this; elsewhere, only a parent killed with -9 leaves its children behind."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal_number)
