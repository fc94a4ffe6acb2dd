import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import identify_hasher
from django_tenants.utils import tenant_context

from tenants.access import Role
from tenants.backend.current import connection
from tenants.people.login import SchoolNotOpen
from tenants.people.models import ContactPoint, User
from tenants.schools.models import School, Stage
from tests.school.conftest import enter

PASSWORD = "correct horse battery"


def with_password(person: User) -> User:
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    return person


@pytest.mark.parametrize("login", ["tomaz", " Tomaz ", "tomaz@os-reka.example", "TOMAZ@OS-REKA.EXAMPLE"])
def test_a_teacher_logs_in_by_user_name_or_mail(teacher: User, login: str) -> None:
    with_password(teacher)

    assert authenticate(username=login, password=PASSWORD) == teacher


@pytest.mark.parametrize(
    ("login", "password"), [("tomaz", "wrong"), ("nobody", PASSWORD), ("", PASSWORD), ("tomaz", "")]
)
def test_anything_else_does_not_log_in(teacher: User, login: str, password: str) -> None:
    with_password(teacher)

    assert authenticate(username=login, password=password) is None


def test_two_people_with_one_mailbox_are_asked_for_the_user_name(school: School) -> None:
    mother = with_password(enter("mati", Role.TEACHER, email="family@example.com"))
    with_password(enter("oce", Role.TEACHER, email="family@example.com"))

    assert authenticate(username="family@example.com", password=PASSWORD) is None
    assert authenticate(username="mati", password=PASSWORD) == mother


def test_a_guardian_cannot_log_in_before_the_school_is_live(guardian: User, school: School) -> None:
    with_password(guardian)
    with pytest.raises(SchoolNotOpen):
        authenticate(username="gaja", password=PASSWORD)

    connection.tenant.stage = Stage.LIVE

    assert authenticate(username="gaja", password=PASSWORD) == guardian


def test_an_inactive_person_or_one_without_a_role_cannot_log_in(teacher: User) -> None:
    with_password(teacher)
    teacher.role_assignments.update(until="2026-11-20", since="2026-09-01")
    without_role = authenticate(username="tomaz", password=PASSWORD)
    teacher.role_assignments.update(until=None)
    User.objects.update(is_active=False)

    assert without_role is None
    assert authenticate(username="tomaz", password=PASSWORD) is None


def test_an_inactive_contact_is_no_login(teacher: User) -> None:
    with_password(teacher)
    ContactPoint.objects.update(is_active=False)

    assert authenticate(username="tomaz@os-reka.example", password=PASSWORD) is None


def test_a_login_of_one_school_is_worth_nothing_in_another(teacher: User, sp_brzozowa: School) -> None:
    with_password(teacher)

    with tenant_context(sp_brzozowa):
        assert authenticate(username="tomaz", password=PASSWORD) is None


def test_passwords_are_hashed_as_owasp_recommends(teacher: User) -> None:
    with_password(teacher)

    decoded = identify_hasher(teacher.password).decode(teacher.password)

    assert decoded["variety"] == "argon2id"
    assert (decoded["memory_cost"], decoded["time_cost"], decoded["parallelism"]) == (19_456, 2, 1)
