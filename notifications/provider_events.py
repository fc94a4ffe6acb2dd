"""What a provider of text messages told the public site: replies and delivery reports, acted upon through the gate.

Each event may be handled twice, by two dispatchers or after a crash: every act of the gate here changes nothing the
second time. What is handled is erased, understood or not; a reply that is no STOP is kept for nobody and answered by
nothing. Only what we have no key for waits, because it may be a STOP and the key may be ours to mend.
"""

import json
from threading import Event
from uuid import UUID

import structlog

from notifications.stop_words import means_stop
from opt_in.gate import dispatch as gate
from opt_in.gate.errors import GateNotFound
from opt_in.gate.event_box import open_event
from opt_in.gate.sealing import CannotUnseal, InvalidAddress, address_hash, normalise_address

log = structlog.get_logger("zgoda.dispatch")

AT_ONCE = 50
# SMSAPI's final statuses; the others say that it is still on its way, or that nobody knows.
DELIVERED = "404"
NOT_DELIVERED = frozenset({"402", "405", "406", "407"})


class Inbox:
    """What waits in the gate for this dispatcher."""

    def __init__(self, stop: Event) -> None:
        self.stop = stop
        self.unopened: set[int] = set()

    def empty(self) -> int:
        """Act on all that waits, unless told to stop; returns how many events that were."""
        total = 0
        while not self.stop.is_set():
            known = len(self.unopened)
            handled = self._handle_some()
            total += handled
            # Those without a key are the oldest, and may have been all that we saw.
            if not handled and len(self.unopened) == known:
                break
        return total

    def _handle_some(self) -> int:
        handled = 0
        for event in gate.provider_events(AT_ONCE + len(self.unopened)):
            try:
                told = open_event(event.sealed)
            except CannotUnseal as error:
                if event.event_id not in self.unopened:
                    log.error("dispatch.cannot_open_event", exc_info=error)
                    self.unopened.add(event.event_id)
                continue
            did = handle(told)
            gate.finish_provider_event(event.event_id)
            log.info("dispatch.event", action=did)
            handled += 1
        return handled


def handle(event: bytes) -> str:
    """Act on one event; returns what was done, in one word for the log."""
    try:
        told = json.loads(event)
    except ValueError:
        return "unreadable"
    match told:
        case {"reply_from": str(number), "text": str(text)}:
            return _handle_reply(number, text)
        case {"report_of": str(envelope), "status": str(status)}:
            return _handle_report(envelope, status)
    return "unreadable"


def _handle_reply(number: str, text: str) -> str:
    if not means_stop(text):
        return "not_a_stop"
    try:
        # Providers write the country's code without the plus.
        address = normalise_address("sms", f"+{number.strip().removeprefix('+')}")
    except InvalidAddress:
        return "no_number"
    gate.stop_by_address("sms", address_hash("sms", address))
    return "stop"


def _handle_report(envelope: str, status: str) -> str:
    if status != DELIVERED and status not in NOT_DELIVERED:
        return "on_its_way"
    try:
        gate.report_delivery(UUID(envelope), delivered=status == DELIVERED)
    except (ValueError, GateNotFound):
        return "unknown_message"
    return "delivered" if status == DELIVERED else "not_delivered"


def reply_event(number: str, text: str) -> bytes:
    """What the public site seals when somebody answered a message: digits with the country's code, and the text."""
    return _written({"reply_from": number, "text": text})


def report_event(envelope: str, status: str) -> bytes:
    """What it seals when the provider reports on a message: the index it was sent under, and a status."""
    return _written({"report_of": envelope, "status": status})


def _written(told: dict[str, str]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
