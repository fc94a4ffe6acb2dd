"""What a provider tells its customer: delivery reports and replies, as calls of the customer's addresses."""

import contextlib
import queue
import threading
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass

from local.sms_box import Message

USERNAME = "zgoda-demo"
ATTEMPTS = 8
FIRST_PAUSE = 0.5
SECONDS_PER_CALL = 10

# SMSAPI's statuses (smsapi.pl/statusy-wiadomosci).
STATUS_NAMES = {404: "DELIVERED", 405: "UNDELIVERED"}


@dataclass(frozen=True, slots=True)
class Callback:
    """One call; `attempt` counts how often it was tried."""

    url: str
    form: dict[str, str]
    attempt: int = 0


def report_on(message: Message, status: int, url: str) -> Callback:
    return Callback(
        url,
        {
            "MsgId": message.id,
            "status": str(status),
            "status_name": STATUS_NAMES[status],
            "idx": message.idx,
            "donedate": str(int(time.time())),
            "username": USERNAME,
            "points": "0.07",
            "from": message.sender,
            "to": message.number,
        },
    )


def reply_to(message: Message, text: str, *, reply_number: str, url: str) -> Callback:
    now = time.time()
    return Callback(
        url,
        {
            "MsgId": f"in-{int(now * 1e6):x}",
            "sms_to": reply_number.removeprefix("+"),
            "sms_from": message.number,
            "sms_text": text,
            "sms_date": str(int(now)),
            "username": USERNAME,
        },
    )


class Caller:
    """Calls in the background, again with growing pauses until the customer answers OK."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Callback | None] = queue.Queue()
        self._timers: set[threading.Timer] = set()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        for timer in tuple(self._timers):
            timer.cancel()
        self._waiting.put(None)
        self._thread.join()

    def put(self, callback: Callback) -> None:
        self._waiting.put(callback)

    def _work(self) -> None:
        while (callback := self._waiting.get()) is not None:
            if not is_answered(callback) and callback.attempt < ATTEMPTS:
                self._again(Callback(callback.url, callback.form, callback.attempt + 1))

    def _again(self, callback: Callback) -> None:
        timer = threading.Timer(FIRST_PAUSE * 2**callback.attempt, lambda: self._due(timer, callback))
        timer.daemon = True
        self._timers.add(timer)
        timer.start()

    def _due(self, timer: threading.Timer, callback: Callback) -> None:
        self._timers.discard(timer)
        if not self._stopped.is_set():
            self._waiting.put(callback)


def is_answered(callback: Callback) -> bool:
    request = urllib.request.Request(callback.url, urllib.parse.urlencode(callback.form).encode())  # noqa: S310
    with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=SECONDS_PER_CALL) as answer:  # noqa: S310
        return bool(answer.read(16).strip() == b"OK")
    return False
