"""The first page of the school's office."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tenants.access import Role
from tenants.onboarding.models import ImportState, RosterImport
from tenants.people.models import ContactPoint, User
from tenants.schools.models import School
from tests.school.conftest import enter
from tests.school.visitors import Visitor


@pytest.fixture
def administrator(school: School) -> User:
    return enter("tajda", Role.ADMINISTRATOR, email="tajda@os-reka.example")


def waiting_import(person: User) -> RosterImport:
    now = timezone.now()
    return RosterImport.objects.create(
        state=ImportState.REFUSED,
        file_name="roster.zip",
        file_bytes=1,
        language="sl",
        uploaded_by=person,
        uploaded_at=now,
        moved_at=now,
    )


def test_the_office_sees_what_is_open_with_numbers(school: School, administrator: User, guardian: User) -> None:
    ContactPoint.objects.filter(user=guardian).update(verified_at=timezone.now())
    found = waiting_import(administrator)

    visitor = Visitor(school, administrator)
    with CaptureQueriesContext(connection) as queries:
        page = visitor.get(reverse("home")).content.decode()

    assert "What there is to do" in page
    assert "1 / 2" in page
    assert reverse("roster-import", args=[found.pk]) in page
    assert len(queries) <= 14


def test_a_secretary_is_not_shown_what_only_others_may_import(school: School, administrator: User) -> None:
    waiting_import(administrator)

    page = Visitor(school, enter("sonja", Role.SECRETARY)).get(reverse("home")).content.decode()

    assert "Accounts that were never used" in page
    assert "roster" not in page
