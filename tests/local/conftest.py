import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.places import temporary_state
from local.postgres import Cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with Cluster.temporary(durable=False) as running:
        yield running


@pytest.fixture
def state() -> Iterator[Path]:
    with temporary_state() as folder:
        yield folder


@pytest.fixture
def free_port() -> int:
    return find_free_port()


def find_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
