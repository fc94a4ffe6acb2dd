"""The vendor and the keeper act on connections of their own, with their own logins, as they do outside of tests."""

import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.utils import timezone

from config.celery import app
from local import valkey
from local.addresses import broker_socket
from opt_in.gate import keeper, vendor
from tenants.schools.models import School
from tests.surroundings import start_cluster, state


@pytest.fixture
def propose(school: School) -> Callable[..., UUID]:
    """A campaign by e-mail to OŠ Reka alone, proposed by the vendor and judged by the keeper."""

    def make(**changes: Any) -> UUID:
        text = {"subject": "Paket Plus", "body": "Opomniki in koledar za vso družino. Ekipa Zgoda"}
        request = {
            "sender": "zgoda-offers",
            "purpose": "vendor_offers",
            "product": "plus",
            "channels": ["email"],
            "audience": "guardians",
            "expires_at": (timezone.now() + timedelta(days=7)).isoformat(),
            "texts": {"email": {"sl": text}},
            "targets": {"countries": ["SI"], "schools": [str(school.id)]},
            **changes,
        }
        cluster = start_cluster()
        with psycopg.connect(cluster.conninfo("app_vendor")) as connection:
            campaign_id = vendor.propose(request, connection=connection)
        with psycopg.connect(cluster.conninfo("app_keeper")) as connection:
            keeper.judge(100, connection=connection)
        return campaign_id

    return make


@pytest.fixture
def broker() -> Iterator[Callable[[], list[str]]]:
    """A real Valkey for one test; calling it takes the jobs that wait in the school worker's queue, by name."""
    server = subprocess.Popen(valkey.prepare(state()), stdout=subprocess.DEVNULL)
    while not broker_socket(state()).exists():
        time.sleep(0.01)

    def waiting() -> list[str]:
        names = []
        with app.connection_for_read() as connection:
            channel: Any = connection.default_channel
            channel.queue_declare(queue="school", durable=True)
            while (job := channel.basic_get("school", no_ack=True)) is not None:
                names.append(job.headers["task"])
        return names

    yield waiting
    server.terminate()
    server.wait(10)
