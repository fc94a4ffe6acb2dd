"""The public site as a stranger meets it: no login, a token from a mail, the login app_public."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.surroundings import become, start_cluster

become("public")

from django.db import connection  # noqa: E402

from local.postgres import Cluster  # noqa: E402
from notifications.messages import compile_catalogues, is_compiled  # noqa: E402
from opt_in.gate import dispatch as gate  # noqa: E402
from tests.dispatch.world import Person, World, new_database, new_world  # noqa: E402


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """No test database of pytest-django: each test has one of its own (world)."""


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    if not is_compiled():
        compile_catalogues()
    return start_cluster()


@pytest.fixture(scope="session")
def database(cluster: Cluster) -> Iterator[str]:
    with new_database(cluster) as database:
        connection.settings_dict["NAME"] = database
        yield database


@pytest.fixture
def world(cluster: Cluster, database: str, django_db_blocker: Any) -> Iterator[World]:
    """A school of this test's own, in the database of all of them."""
    with django_db_blocker.unblock():
        yield new_world(cluster, database)
        connection.close()


@pytest.fixture
def guardian(world: World) -> Person:
    # An objection counts for an address at every school, so no two tests share one.
    return world.add_person(f"majda.{world.school_id.hex}@example.pl")


@pytest.fixture
def token(world: World, guardian: Person) -> str:
    """What is in the link of an offer that has been sent to the guardian."""
    world.queue_offers([guardian])
    return send_one(world, guardian)


def send_one(world: World, person: Person) -> str:
    """Send this person's one message, as the dispatcher does; returns the token in its links."""
    ((envelope,),) = world.stored(
        "SELECT envelope_id FROM consent.envelope WHERE state = 'queued' AND subject_id = %s", person.id
    )
    with world.login("app_dispatch") as login:
        gate.claim([envelope], connection=login)
        (taken,) = gate.take([envelope], connection=login)
        gate.complete(envelope, "sent", connection=login)
    return taken.token
