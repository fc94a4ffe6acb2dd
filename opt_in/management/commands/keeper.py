from argparse import ArgumentParser
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import connection

from notifications.stopping import stop_on_signals
from opt_in.gate.selfcheck import require_sound_gate
from opt_in.keeper import Keeper

log = structlog.get_logger("zgoda.keeper")


class Command(BaseCommand):
    help = "Judges the vendor's requests, sweeps, tallies and makes checkpoints. Runs until SIGTERM or SIGINT."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when there is nothing left to do")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = stop_on_signals()
        require_sound_gate(connection)
        log.info("keeper.started")
        Keeper(stop=stop).run(once=options["once"])
        log.info("keeper.stopped")
