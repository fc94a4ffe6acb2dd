"""The dispatcher: claims what is due, sends it, says what became of it. One loop, one message at a time.

Each channel has a lane of its own: what goes by a channel that is down is not claimed, and does not hold up the others.

It may be killed at any point. Before `claim` nothing has happened. From `claim` to `complete` a lease runs; when it
ends, the gate queues the message again, or, for marketing, closes it as unknown: perhaps lost, never sent twice.
"""

import time
from collections.abc import Sequence
from threading import Event
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection

from notifications.channels.delivery import Delivery
from notifications.composing import NotWhatWasDecided
from notifications.lanes import Lane
from notifications.provider_events import Inbox
from opt_in.gate import dispatch as gate
from opt_in.gate.errors import GateError

log = structlog.get_logger("zgoda.dispatch")

# A claim's lease is 30 seconds; nothing is handed to a mail server in its last moments.
LEASE_SECONDS = 25.0
IDLE_SECONDS = 0.3
LOOK_AHEAD = 200
LONGEST_PAUSE = 30.0

# Campaigns whose approved content is kept in mind; it never changes.
REMEMBERED_CONTENTS = 16


class Dispatcher:
    def __init__(self, *, lanes: Sequence[Lane], pace: float | None, stop: Event) -> None:
        self.lanes = lanes
        self.pace = pace
        self.stop = stop
        self.inbox = Inbox(stop)
        self.next_at = 0.0
        self.campaign_contents: dict[UUID, bytes] = {}

    def run(self, *, once: bool = False) -> None:
        """Work until stopped; `once`: until nothing is due."""
        pause = IDLE_SECONDS
        while not self.stop.is_set():
            try:
                handled = self.step()
                pause = IDLE_SECONDS
            except (OperationalError, InterfaceError, GateError) as error:
                log.error("dispatch.interrupted", seconds=pause, exc_info=error)
                connection.close()
                handled, pause = 0, min(pause * 2, LONGEST_PAUSE)
            if handled == 0:
                if once:
                    return
                self.stop.wait(pause)

    def step(self) -> int:
        """One look at what was reported and what is due; returns how much was looked at."""
        # Replies first: who stops offers must not be overtaken by one.
        return self.inbox.empty() + sum(self.step_in(lane) for lane in self.lanes if not self.stop.is_set())

    def step_in(self, lane: Lane) -> int:
        if lane.is_closed():
            return 0
        # The gate puts the urgent ones first among those it lists, so we ask for more than we claim at once.
        due = gate.due(LOOK_AHEAD, channels=lane.channels)[: 1 if self.pace else lane.batch]
        if not due:
            return 0
        # Asked before the claim: a claim is used up whether or not a server answers.
        asked_at = time.monotonic()
        if not lane.ready():
            seconds = lane.close_for_a_while(asked_for=time.monotonic() - asked_at)
            log.warning("dispatch.waiting", channel=lane.channels[0], seconds=seconds)
            return 0
        by_school: dict[UUID, list[UUID]] = {}
        for item in due:
            by_school.setdefault(item.school_id, []).append(item.envelope_id)
        for ids in by_school.values():
            if not self.wait_for_turn():
                break
            self.handle(ids, lane)
        return len(due)

    def handle(self, ids: Sequence[UUID], lane: Lane) -> None:
        """Claim, take, send and complete a few messages of one school."""
        began = time.monotonic()
        deadline = began + LEASE_SECONDS
        allowed = [decision.envelope_id for decision in gate.claim(ids) if decision.verdict == "ALLOW"]
        if not allowed:
            return
        smooth = True
        for taken in gate.take(allowed):
            delivery = self.deliver(taken, lane, deadline=deadline)
            smooth = smooth and delivery.outcome == "sent"
            self.complete(taken, delivery, deadline=deadline)
        lane.adapt(seconds=time.monotonic() - began, smooth=smooth)

    def wait_for_turn(self) -> bool:
        """Keep to the pace, if there is one; False when the process shall stop instead."""
        if self.pace:
            self.stop.wait(max(0.0, self.next_at - time.monotonic()))
            self.next_at = time.monotonic() + 1 / self.pace
        return not self.stop.is_set()

    def deliver(self, taken: gate.Taken, lane: Lane, *, deadline: float) -> Delivery:
        try:
            send = lane.compose(taken, self.content_of)
        except NotWhatWasDecided as difference:
            log.error("dispatch.not_what_was_decided", envelope=taken.envelope_id, reason=str(difference))
            return Delivery("failed", f"differs.{difference}")
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            # A mistake of ours in one message must not stop the others. It is reported, and tried again later.
            log.error("dispatch.cannot_compose", envelope=taken.envelope_id, kind=taken.kind, exc_info=error)
            return Delivery("retry", "compose.failed")
        try:
            return send(deadline)
        except Exception as error:
            # The same: and as nobody knows how far it got, it may have arrived.
            log.error("dispatch.cannot_send", envelope=taken.envelope_id, kind=taken.kind, exc_info=error)
            return Delivery("unknown", "send.failed")

    def complete(self, taken: gate.Taken, delivery: Delivery, *, deadline: float) -> None:
        """Tell the gate; insist through a short loss of the database, because nothing can be called back."""
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
