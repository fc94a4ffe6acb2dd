"""One lane of the dispatcher for each way out: how a message is written for it, sent, and how fast it goes."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from notifications.channels.delivery import Delivery
from notifications.channels.email import EmailChannel
from notifications.channels.sms import SmsChannel
from notifications.composing import compose_mail, compose_sms
from opt_in.gate.dispatch import Taken

log = structlog.get_logger("zgoda.dispatch")

# As many as keep a revocation short (docs: gate), and as many as go out within a second.
LARGEST_BATCH = 50
SECONDS_PER_BATCH = 1.0
SHORTEST_PAUSE = 0.3
LONGEST_PAUSE = 30.0

# Sends one composed message before a deadline (time.monotonic).
Send = Callable[[float], Delivery]
ContentOf = Callable[[UUID], bytes]


class Channel(Protocol):
    def ready(self) -> bool:
        """Whether sending can be expected to work."""

    def close(self) -> None:
        """Let go of what is open."""


class Lane(ABC):
    """`channel` is None where there is nothing to ask and nothing to close."""

    channels: tuple[str, ...]

    def __init__(self, channel: Channel | None) -> None:
        self.way_out = channel
        self.batch = 1
        self.pause = SHORTEST_PAUSE
        self.closed_until = 0.0

    @abstractmethod
    def compose(self, taken: Taken, content_of: ContentOf) -> Send:
        """Write this message. Raises NotWhatWasDecided, or whatever a mistake of ours raises."""

    def close(self) -> None:
        if self.way_out is not None:
            self.way_out.close()

    def ready(self) -> bool:
        if self.way_out is not None and not self.way_out.ready():
            return False
        self.pause = SHORTEST_PAUSE
        return True

    def is_closed(self) -> bool:
        return time.monotonic() < self.closed_until

    def close_for_a_while(self, *, asked_for: float) -> float:
        """Nothing of this lane is looked at until then; longer each time. Returns the seconds.

        `asked_for` is how long it took to learn that nothing answers. The other lanes had to wait for that, so it may
        take a quarter of the time and no more.
        """
        seconds = max(self.pause, 3 * asked_for)
        self.closed_until = time.monotonic() + seconds
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        return seconds

    def adapt(self, *, seconds: float, smooth: bool) -> None:
        """Claim more at a time while it goes out quickly; one at a time when anything went wrong."""
        if not smooth:
            self.batch = 1
        elif seconds > SECONDS_PER_BATCH:
            self.batch = max(1, self.batch // 2)
        elif seconds < SECONDS_PER_BATCH / 2:
            self.batch = min(LARGEST_BATCH, self.batch * 2)


class EmailLane(Lane):
    channels = ("email",)

    def __init__(self, channel: EmailChannel, *, public_url: str) -> None:
        super().__init__(channel)
        self.channel = channel
        self.public_url = public_url

    def compose(self, taken: Taken, content_of: ContentOf) -> Send:
        today = datetime.now(UTC).astimezone(ZoneInfo(taken.time_zone)).date()
        mail = compose_mail(taken, today=today, public_url=self.public_url, content_of=content_of)
        return lambda deadline: self.channel.send(mail, deadline=deadline)


class SmsLane(Lane):
    channels = ("sms",)

    def __init__(
        self, channel: SmsChannel, *, public_url: str, house_sender: str, reply_numbers: Mapping[str, str]
    ) -> None:
        super().__init__(channel)
        self.channel = channel
        self.write = partial(compose_sms, public_url=public_url, house_sender=house_sender, reply_numbers=reply_numbers)

    def compose(self, taken: Taken, content_of: ContentOf) -> Send:
        sms = self.write(taken, content_of=content_of)
        return lambda deadline: self.channel.send(sms, deadline=deadline)


class NoWayOut(Lane):
    """Channels that the gate knows and we do not have: what is queued for them ends and says so."""

    channels = ("in_app", "push")

    def __init__(self) -> None:
        super().__init__(None)

    def compose(self, taken: Taken, content_of: ContentOf) -> Send:
        log.error("dispatch.no_such_channel", envelope=taken.envelope_id, channel=taken.channel)
        return lambda _deadline: Delivery("failed", "channel.none")
