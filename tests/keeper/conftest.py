"""The keeper against the real gate, in a database of its own."""

from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest

from tests.surroundings import become, start_cluster

become("keeper")

from django.db import connection  # noqa: E402

from local.postgres import Cluster  # noqa: E402
from opt_in.keeper import Keeper  # noqa: E402
from tests.dispatch.world import Person, World, new_database, new_world  # noqa: E402


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """No test database of pytest-django: each test has one of its own (world)."""


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    return start_cluster()


@pytest.fixture
def world(cluster: Cluster, django_db_blocker: Any) -> Iterator[World]:
    with new_database(cluster) as database, django_db_blocker.unblock():
        connection.close()
        former, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], database
        yield new_world(cluster, database)
        connection.close()
        connection.settings_dict["NAME"] = former


@pytest.fixture
def guardian(world: World) -> Person:
    return world.add_person("majda@example.pl")


@pytest.fixture
def keep(world: World) -> Callable[[], None]:
    """Let the keeper do everything there is to do."""
    return lambda: Keeper(stop=Event()).run(once=True)
