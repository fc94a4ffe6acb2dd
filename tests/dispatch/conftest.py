"""The dispatcher against the real gate, in a database of its own, with a real SMTP server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from tests.surroundings import become, start_cluster

become("dispatch")

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from local.postgres import Cluster  # noqa: E402
from local.sms_gateway import SmsGateway  # noqa: E402
from notifications.dispatcher import Dispatcher  # noqa: E402
from notifications.management.commands.dispatcher import lanes_of_settings  # noqa: E402
from notifications.messages import compile_catalogues, is_compiled  # noqa: E402

from .smtp_server import MailServer, Steps, mail_server  # noqa: E402
from .world import Person, World, new_database, new_world  # noqa: E402


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """No test database of pytest-django: each test has one of its own (world)."""


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    if not is_compiled():
        compile_catalogues()
    return start_cluster()


@pytest.fixture
def world(cluster: Cluster, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    # Whatever is due anywhere in a database is sent, so no two tests share one.
    with new_database(cluster) as database, django_db_blocker.unblock():  # type: ignore[attr-defined]
        connection.close()
        former, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], database
        yield new_world(cluster, database)
        connection.close()
        connection.settings_dict["NAME"] = former


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def smtp(server: MailServer) -> Steps:
    return server.steps


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[SmsGateway]:
    running = SmsGateway(tmp_path / "sms", token=settings.SMS_TOKEN, inbound="http://127.0.0.1:9/", port=0)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def guardian(world: World) -> Person:
    return world.add_person("majda@example.pl")


Dispatch = Callable[..., None]


@pytest.fixture
def dispatch(world: World, server: MailServer, gateway: SmsGateway, settings: object) -> Dispatch:
    """Run the dispatcher in this process until nothing is due."""

    def run(
        *,
        pace: float | None = None,
        port: int = server.port,
        timeout: float = 10,
        sms_url: str = gateway.url,
        public_url: str = "http://localhost:8002",
    ) -> None:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port  # type: ignore[attr-defined]
        # pytest-django puts a mailbox in memory in its place
        settings.EMAIL_BACKEND = "notifications.channels.smtp.SmtpBackend"  # type: ignore[attr-defined]
        settings.EMAIL_TIMEOUT = timeout  # type: ignore[attr-defined]
        settings.SMS_URL, settings.SMS_TIMEOUT = sms_url, timeout  # type: ignore[attr-defined]
        settings.PUBLIC_URL = public_url  # type: ignore[attr-defined]
        lanes = lanes_of_settings()
        try:
            Dispatcher(lanes=lanes, pace=pace, stop=Event()).run(once=True)
        finally:
            for lane in lanes:
                lane.close()

    return run


__all__ = ["settings"]
