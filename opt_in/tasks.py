"""What the school's worker does about campaigns."""

import random
from typing import Any

import structlog
from celery import shared_task, signals
from django.db import DatabaseError, transaction
from django_tenants.utils import tenant_context
from kombu.exceptions import OperationalError

from opt_in.gate import school as gate
from opt_in.services.expansion import expand_waiting
from tenants.backend.current import connection
from tenants.schools.models import School

log = structlog.get_logger(__name__)
LOOK_EVERY_SECONDS = 30
SCHOOLS_AT_ONCE = 50


@shared_task(name="opt_in.expand_waiting")
def expand_waiting_campaigns(**_: object) -> None:
    for expansion in expand_waiting():
        log.info("campaign.expanded", verdict=expansion.verdict, code=expansion.code, queued=expansion.queued)


def expand_later() -> None:
    """When the present transaction has committed, ask the school's worker to expand what waits.

    What waits is known by the gate, so nothing is lost when the broker is away: the worker looks there by itself.
    """
    transaction.on_commit(_ask_worker)


def _ask_worker(*, within_seconds: float = 0) -> None:
    try:
        expand_waiting_campaigns.apply_async(countdown=random.uniform(0, within_seconds))  # noqa: S311
    except OperationalError:
        log.warning("expansion.broker_away", school=connection.schema_name)


@signals.worker_ready.connect
def look_by_itself(sender: Any, **_: object) -> None:
    sender.timer.call_repeatedly(LOOK_EVERY_SECONDS, ask_for_waiting_schools)


def ask_for_waiting_schools() -> None:
    """One job for each school where something waits: a bounded number, spread over the time until the next look.

    Which ones is left to chance, so that those where something waits for long keep nobody else out.
    """
    try:
        waiting = gate.schools_to_expand()
        names = random.sample(waiting, min(len(waiting), SCHOOLS_AT_ONCE))
        for school in School.objects.filter(schema_name__in=names):
            with tenant_context(school):
                _ask_worker(within_seconds=LOOK_EVERY_SECONDS / 2)
    except DatabaseError:
        log.exception("expansion.look_failed")
    finally:
        connection.close()
