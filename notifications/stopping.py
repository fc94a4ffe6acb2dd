import signal
from threading import Event
from types import FrameType


def stop_on_signals() -> Event:
    """An event that SIGTERM and SIGINT set; who waits on it wakes at once, who works finishes first."""
    stop = Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop
