"""The dispatcher: claims what is due, sends it, says what became of it. One loop, one message at a time.

It may be killed at any point. Before `claim` nothing has happened. From `claim` to `complete` a lease runs; when it
ends, the gate queues the message again, or, for marketing, closes it as unknown: perhaps lost, never sent twice.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Event
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db import InterfaceError, OperationalError, connection

from notifications.channels.email import Delivery, EmailChannel
from notifications.composing import NotWhatWasDecided, compose_mail
from opt_in.gate import dispatch as gate
from opt_in.gate.errors import GateError

log = structlog.get_logger("zgoda.dispatch")

# As many as keep a revocation short (docs: gate), and as many as go out within a second.
LARGEST_BATCH = 50
SECONDS_PER_BATCH = 1.0
# A claim's lease is 30 seconds; nothing is handed to a mail server in its last moments.
LEASE_SECONDS = 25.0
IDLE_SECONDS = 0.3
LOOK_AHEAD = 200
LONGEST_PAUSE = 30.0


# Campaigns whose approved content is kept in mind; it never changes.
REMEMBERED_CONTENTS = 16


class Unreachable(Exception):
    """What we need does not answer now; nothing has been claimed."""


class Dispatcher:
    def __init__(self, *, channel: EmailChannel, public_url: str, pace: float | None, stop: Event) -> None:
        self.channel = channel
        self.public_url = public_url
        self.pace = pace
        self.stop = stop
        self.batch = 1
        self.next_at = 0.0
        self.campaign_contents: dict[UUID, bytes] = {}

    def run(self, *, once: bool = False) -> None:
        """Work until stopped; `once`: until nothing is due."""
        pause = IDLE_SECONDS
        while not self.stop.is_set():
            try:
                handled = self.step()
                pause = IDLE_SECONDS
            except Unreachable as trouble:
                log.warning("dispatch.waiting", reason=str(trouble), seconds=pause)
                handled, pause = 0, min(pause * 2, LONGEST_PAUSE)
            except (OperationalError, InterfaceError, GateError) as error:
                log.error("dispatch.interrupted", seconds=pause, exc_info=error)
                connection.close()
                handled, pause = 0, min(pause * 2, LONGEST_PAUSE)
            if handled == 0:
                if once:
                    return
                self.stop.wait(pause)

    def step(self) -> int:
        """One look at what is due; returns how many messages were looked at."""
        # The gate puts the urgent ones first among those it lists, so we ask for more than we claim at once.
        due = gate.due(LOOK_AHEAD)[: 1 if self.pace else self.batch]
        if not due:
            return 0
        # Asked before the claim: a claim is used up whether or not the mail server answers.
        if not self.channel.ready():
            raise Unreachable("mail_server")
        by_school: dict[UUID, list[UUID]] = {}
        for item in due:
            by_school.setdefault(item.school_id, []).append(item.envelope_id)
        for ids in by_school.values():
            if not self.wait_for_turn():
                break
            self.handle(ids)
        return len(due)

    def handle(self, ids: Sequence[UUID]) -> None:
        """Claim, take, send and complete a few messages of one school."""
        began = time.monotonic()
        deadline = began + LEASE_SECONDS
        allowed = [decision.envelope_id for decision in gate.claim(ids) if decision.verdict == "ALLOW"]
        if not allowed:
            return
        smooth = True
        for taken in gate.take(allowed):
            delivery = self.deliver(taken, deadline=deadline)
            smooth = smooth and delivery.outcome == "sent"
            self.complete(taken, delivery, deadline=deadline)
        self.adapt(seconds=time.monotonic() - began, smooth=smooth)

    def adapt(self, *, seconds: float, smooth: bool) -> None:
        """Claim more at a time while it goes out quickly; one at a time when anything went wrong."""
        if not smooth:
            self.batch = 1
        elif seconds > SECONDS_PER_BATCH:
            self.batch = max(1, self.batch // 2)
        elif seconds < SECONDS_PER_BATCH / 2:
            self.batch = min(LARGEST_BATCH, self.batch * 2)

    def wait_for_turn(self) -> bool:
        """Keep to the pace, if there is one; False when the process shall stop instead."""
        if self.pace:
            self.stop.wait(max(0.0, self.next_at - time.monotonic()))
            self.next_at = time.monotonic() + 1 / self.pace
        return not self.stop.is_set()

    def deliver(self, taken: gate.Taken, *, deadline: float) -> Delivery:
        if taken.channel != "email":
            log.error("dispatch.no_such_channel", envelope=taken.envelope_id, channel=taken.channel)
            return Delivery("failed", "channel.none")
        try:
            mail = compose_mail(
                taken,
                today=datetime.now(UTC).astimezone(ZoneInfo(taken.time_zone)).date(),
                public_url=self.public_url,
                content_of=self.content_of,
            )
        except NotWhatWasDecided as difference:
            log.error("dispatch.not_what_was_decided", envelope=taken.envelope_id, reason=str(difference))
            return Delivery("failed", f"differs.{difference}")
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            # A mistake of ours in one message must not stop the others. It is reported, and tried again later.
            log.error("dispatch.cannot_compose", envelope=taken.envelope_id, kind=taken.kind, exc_info=error)
            return Delivery("retry", "compose.failed")
        return self.channel.send(mail, deadline=deadline)

    def complete(self, taken: gate.Taken, delivery: Delivery, *, deadline: float) -> None:
        """Tell the gate; insist through a short loss of the database, because the mail cannot be called back."""
        log.info("dispatch.done", envelope=taken.envelope_id, outcome=delivery.outcome, code=delivery.detail or None)
        outcome = delivery.outcome
        if outcome == "unknown":
            if taken.message_class == "vendor_marketing":
                # Perhaps delivered, so never again: the lease ends and the gate closes it as unknown.
                return
            outcome = "retry"
        while True:
            try:
                gate.complete(taken.envelope_id, outcome, delivery.provider_id or None, delivery.detail or None)
            except (OperationalError, InterfaceError):
                connection.close()
                if time.monotonic() >= deadline:
                    raise
                time.sleep(0.5)
            except GateError as refusal:
                # The lease ended first, and the gate has settled what becomes of the message.
                log.warning("dispatch.too_late", envelope=taken.envelope_id, exc_info=refusal)
                return
            else:
                return

    def content_of(self, campaign: UUID) -> bytes:
        if campaign not in self.campaign_contents:
            if len(self.campaign_contents) >= REMEMBERED_CONTENTS:
                self.campaign_contents.clear()
            self.campaign_contents[campaign] = gate.campaign_content(campaign)
        return self.campaign_contents[campaign]
