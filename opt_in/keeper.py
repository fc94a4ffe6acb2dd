"""The keeper: the only beat of the platform. It judges what lies in the vendor's inbox, sweeps, tallies, checkpoints.

It may be killed or run twice at any point: every act is one transaction of the gate, and repeating it is harmless. A
duty that fails holds up no other one: whatever the vendor puts into its inbox, checkpoints leave the house.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

import structlog
from django.db import DatabaseError, InterfaceError, connection

from opt_in.gate import keeper as gate
from opt_in.gate.errors import GateError

log = structlog.get_logger("zgoda.keeper")

# Small, so that one transaction stays short; what is left over is done at once in the next round.
BATCH = 100
ROUND_SECONDS = 0.5
LONGEST_PAUSE = 30.0


@dataclass(slots=True)
class Duty:
    """Something done every so often; `act` returns how much it did."""

    name: str
    act: Callable[[], int]
    every_seconds: float
    next_at: float = 0.0
    pause: float = 0.0


def sweep() -> int:
    done = gate.sweep(BATCH)
    return done.cancelled + done.expired + done.leases + done.chained


def tally() -> int:
    """Counts anew each time, so there is never anything left to do."""
    gate.tally()
    return 0


def duties() -> list[Duty]:
    return [
        Duty("judge", lambda: gate.judge(BATCH), ROUND_SECONDS),
        Duty("sweep", sweep, 1.0),
        Duty("tally", tally, 15.0),
        # The gate knows which schools are due, so a keeper that restarts does not send a second copy.
        Duty("checkpoint", gate.make_checkpoints, 60.0),
    ]


class Keeper:
    def __init__(self, *, stop: Event) -> None:
        self.stop = stop
        self.duties = duties()

    def run(self, *, once: bool = False) -> None:
        """Work until stopped; `once`: until every duty has nothing left to do."""
        while not self.stop.is_set():
            if self.round(everything=once) == 0:
                if once:
                    return
                self.stop.wait(ROUND_SECONDS)

    def round(self, *, everything: bool = False) -> int:
        """Do what is due; returns how much was done."""
        total = 0
        for duty in self.duties:
            if self.stop.is_set() or not (everything or time.monotonic() >= duty.next_at):
                continue
            did = self.do(duty)
            if did:
                log.info("keeper.did", action=duty.name, count=did)
            total += did
        return total

    def do(self, duty: Duty) -> int:
        """One turn of one duty. When it fails it is tried again later, each time a little later."""
        try:
            did = duty.act()
        except (DatabaseError, InterfaceError, GateError) as error:
            duty.pause = min(max(duty.pause * 2, duty.every_seconds), LONGEST_PAUSE)
            duty.next_at = time.monotonic() + duty.pause
            log.error("keeper.interrupted", action=duty.name, seconds=duty.pause, exc_info=error)
            connection.close()
            return 0
        duty.pause = 0.0
        # A duty that found a full load is due again at once.
        duty.next_at = time.monotonic() + (0.0 if did >= BATCH else duty.every_seconds)
        return did
