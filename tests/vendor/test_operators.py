import pytest
from django.apps import apps
from django.contrib.auth import authenticate, get_user_model
from django.db import DatabaseError, connection, transaction
from django.test import Client

from tenants.operators.models import Operator, OperatorSession
from tenants.operators.sessions import SessionStore
from tenants.schools.models import Contract, Domain, School

from .conftest import PASSWORD


def test_the_vendors_users_are_operators_and_no_school_app_is_known() -> None:
    assert get_user_model() is Operator
    assert not {"people", "ediary_core", "django_tenants"} & {config.label for config in apps.get_app_configs()}


def test_an_operator_logs_in_with_the_password_only(operator: Operator) -> None:
    assert authenticate(username=" Olga ", password=PASSWORD) == operator
    assert authenticate(username="olga", password="wrong") is None
    assert authenticate(username="nobody", password=PASSWORD) is None


def test_an_operator_who_left_cannot_log_in(operator: Operator) -> None:
    Operator.objects.update(is_active=False)

    assert authenticate(username="olga", password=PASSWORD) is None


def test_a_session_knows_whose_it_is(operator: Operator) -> None:
    session = SessionStore()
    session["_auth_user_id"] = str(operator.id)
    session.create()

    assert OperatorSession.objects.get(session_key=session.session_key).operator_id == operator.id


def test_the_vendor_reads_public_facts_of_schools_and_changes_none(db: None) -> None:
    assert all(model.objects.count() >= 0 for model in (School, Domain, Contract))

    for change in (
        lambda: School.objects.update(stage="live"),
        lambda: Domain.objects.all().delete(),
        lambda: Contract.objects.update(dpa_version="9"),
    ):
        with pytest.raises(DatabaseError, match="denied"), transaction.atomic():
            change()


@pytest.mark.parametrize("table", ["people_user", "people_contactpoint", "ediary_core_lesson"])
def test_no_table_of_a_school_is_in_sight(db: None, table: str) -> None:
    with pytest.raises(DatabaseError, match="does not exist"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")


def test_health_says_that_the_gate_is_sound(db: None) -> None:
    answer = Client(SERVER_NAME="localhost").get("/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": "ok", "gate": "sound"})
