"""The vendor's cast: one operator, logged in or not, and two schools that the operator knows from outside."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.surroundings import become, prepare_database, provision, start_cluster

become("vendor")

from django.test import Client  # noqa: E402

from tenants.operators.models import Operator  # noqa: E402
from tenants.operators.services.operators import create_operator  # noqa: E402
from tenants.schools.models import School  # noqa: E402

PASSWORD = "correct horse battery"
HOST = "localhost"


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Two schools, once per session; each test is a transaction that is rolled back."""
    prepare_database()
    provision("os-reka", "sl=OŠ Reka", country="SI")
    provision("sp-brzozowa", "pl=SP Brzozowa", country="PL")


@pytest.fixture
def operator(db: None) -> Operator:
    return create_operator(username="olga", name="Olga Operator", password=PASSWORD)


@pytest.fixture
def nobody(db: None) -> Client:
    return Client(SERVER_NAME=HOST)


@pytest.fixture
def olga(operator: Operator) -> Client:
    """A browser in which the operator is logged in."""
    client = Client(SERVER_NAME=HOST)
    client.force_login(operator)
    return client


@pytest.fixture
def os_reka(db: None) -> School:
    return School.objects.get(subdomain="os-reka")


@pytest.fixture
def sp_brzozowa(db: None) -> School:
    return School.objects.get(subdomain="sp-brzozowa")


@pytest.fixture
def gate_rows() -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """What is really stored, as the superuser sees it. Never used to act."""
    with psycopg.connect(start_cluster().conninfo("bootstrap"), autocommit=True) as superuser:
        yield superuser
