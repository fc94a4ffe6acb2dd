"""What the school's worker does about campaigns."""

import structlog
from celery import shared_task
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from opt_in.services.expansion import expand_waiting

log = structlog.get_logger(__name__)


@shared_task(name="opt_in.expand_waiting")
def expand_waiting_campaigns(**_: object) -> None:
    for expansion in expand_waiting():
        log.info("campaign.expanded", verdict=expansion.verdict, code=expansion.code, queued=expansion.queued)


def expand_later() -> None:
    """When the present transaction has committed, ask the school's worker to expand what waits.

    The wish itself is in the gate, so nothing is lost when the broker is away: the worker also looks by itself.
    """
    transaction.on_commit(_ask_worker)


def _ask_worker() -> None:
    try:
        expand_waiting_campaigns.delay()
    except OperationalError:
        log.warning("expansion.broker_away", school=connection.schema_name)
