"""Ties a child process to its parent, so that nothing stays behind when the parent is killed with -9."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
# Loaded here, not in the child: between fork and exec as little as possible may happen.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(signal_number: int) -> None:
    """Let the kernel send this signal when our parent ends. Elsewhere than on Linux this does nothing."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal_number)


def tethered(signal_number: int) -> Callable[[], None]:
    """What to give to Popen(preexec_fn=…). It runs after setuid, which would clear the tie."""
    parent = os.getpid()

    def tie() -> None:
        die_with_parent(signal_number)
        if os.getppid() != parent:  # the parent died before the tie was made
            os.kill(os.getpid(), signal.SIGKILL)

    return tie
