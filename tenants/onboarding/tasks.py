"""The jobs of the roster's page. Asking twice is harmless: each does its work once, from the state that asks for it."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

import structlog
from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from tenants.backend.current import connection
from tenants.onboarding.models import ImportState
from tenants.onboarding.services.roster_job import apply_import, give_up, read_upload
from tenants.onboarding.services.roster_undo import undo_import
from tenants.schools.models import School

log = structlog.get_logger(__name__)


@shared_task(name="onboarding.read_roster")
def read_roster(*, import_id: str, **_: object) -> None:
    _work(read_upload, import_id, ImportState.READING)


@shared_task(name="onboarding.apply_roster")
def apply_roster(*, import_id: str, **_: object) -> None:
    _work(apply_import, import_id, ImportState.APPLYING)


@shared_task(name="onboarding.undo_roster")
def undo_roster(*, import_id: str, **_: object) -> None:
    _work(undo_import, import_id, ImportState.UNDOING)


_TASKS: dict[ImportState, Any] = {
    ImportState.READING: read_roster,
    ImportState.APPLYING: apply_roster,
    ImportState.UNDOING: undo_roster,
}


def work_later(*, import_id: UUID, state: ImportState) -> None:
    """Ask the worker for the job that this state waits for. Without a broker the page offers to ask again."""

    def ask() -> None:
        try:
            _TASKS[state].apply_async(kwargs={"import_id": str(import_id)}, retry=False)
        except OperationalError:
            log.warning("roster.broker_away", school=connection.schema_name)

    transaction.on_commit(ask)


def _work(job: Callable[..., None], import_id: str, state: ImportState) -> None:
    try:
        job(school=cast(School, connection.tenant), import_id=UUID(import_id))
    except Exception:
        give_up(import_id=UUID(import_id), working=state)
        raise
