"""Shared by every folder of tests. The cast is in tests/school/conftest.py: it needs that settings module."""

import platform
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.surroundings import prepare_database


def pytest_configure() -> None:
    # Our source root is called platform, too; nothing of ours may ever stand in front of the standard library's.
    assert platform.__file__ is not None
    assert platform.__file__.startswith(sys.base_prefix)


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """pytest-django would make a test database; ours is the real one, in a cluster that is gone after the run."""
    prepare_database()


@pytest.fixture
def committing(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Real transactions on the process's own connection. The test leaves nothing behind that others would mind."""
    from django.db import connection

    with django_db_blocker.unblock():
        yield
        connection.close()
        if hasattr(connection, "set_schema_to_public"):
            connection.set_schema_to_public()
