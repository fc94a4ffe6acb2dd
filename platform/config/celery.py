"""The Celery application of school web, school worker and provisioner. Ids only travel; every job names its school."""

from typing import Any

from celery import Celery, signals
from django.conf import settings

from config.startup import start_process

app = Celery("zgoda", task_cls="tenants.backend.task:SchoolTask", set_as_current=True)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    # A backend grows with each school it touches (docs: scale, rule 3).
    worker_max_tasks_per_child=2_000,
    task_time_limit=300,
    task_soft_time_limit=270,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        # The processes' Valkey users may only touch keys below their own queue's name.
        "global_keyprefix": f"{settings.CELERY_TASK_DEFAULT_QUEUE}:",
        "visibility_timeout": 3_600,
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
    },
)
app.autodiscover_tasks()


@signals.worker_init.connect
def check_gate(**_: Any) -> None:
    """Celery logs an exception of a signal's handler and starts all the same; only this ends the worker."""
    try:
        start_process()
    except Exception as error:
        raise SystemExit(f"The worker does not start: {error}") from error
