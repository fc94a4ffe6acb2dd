"""A campaign that somebody proposed, and a broker that takes jobs."""

import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from config.celery import app
from local import valkey
from local.addresses import broker_socket
from tenants.schools.models import School
from tests.school.campaigns import propose_to
from tests.surroundings import state


@pytest.fixture
def propose(school: School) -> Callable[..., UUID]:
    """A campaign by e-mail to OŠ Reka alone, proposed by the vendor and judged by the keeper."""

    def make(**changes: Any) -> UUID:
        return propose_to(school, **changes)

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
