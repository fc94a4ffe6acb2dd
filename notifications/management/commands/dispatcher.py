from argparse import ArgumentParser
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from notifications import messages
from notifications.channels.email import EmailChannel, UnusableServer
from notifications.channels.sms import SmsChannel, UnusableGateway
from notifications.composing import UnusablePublicUrl, check_public_url
from notifications.dispatcher import Dispatcher
from notifications.lanes import EmailLane, Lane, NoWayOut, SmsLane
from notifications.stopping import stop_on_signals
from opt_in.gate.selfcheck import require_sound_gate

log = structlog.get_logger("zgoda.dispatch")


class Command(BaseCommand):
    help = "Sends what the gate allows. Runs until SIGTERM or SIGINT and finishes the messages in hand."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing is due")

    def handle(self, *args: Any, **options: Any) -> None:
        if not messages.is_compiled():
            raise CommandError("The translations are not compiled. Run: python -m notifications.messages compile")
        try:
            lanes = lanes_of_settings()
        except (UnusablePublicUrl, UnusableServer, UnusableGateway) as reason:
            raise CommandError(str(reason)) from reason
        stop = stop_on_signals()
        require_sound_gate(connection)
        log.info("dispatch.started")
        try:
            Dispatcher(lanes=lanes, pace=settings.DISPATCH_PACE, stop=stop).run(once=options["once"])
        finally:
            for lane in lanes:
                lane.close()
        log.info("dispatch.stopped")


def lanes_of_settings() -> list[Lane]:
    """Raises UnusablePublicUrl, UnusableServer or UnusableGateway."""
    public_url = check_public_url(settings.PUBLIC_URL)
    sms = SmsChannel(
        url=settings.SMS_URL,
        token=settings.SMS_TOKEN,
        notify_url=f"{public_url}/sms/report/{settings.SMS_CALLBACK_SECRET}",
        timeout=settings.SMS_TIMEOUT,
    )
    return [
        EmailLane(EmailChannel(), public_url=public_url),
        SmsLane(sms, public_url=public_url, house_sender=settings.SMS_SENDER, reply_numbers=settings.SMS_REPLY_NUMBERS),
        NoWayOut(),
    ]
