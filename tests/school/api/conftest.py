"""A class with a recorded lesson, and callers of the API: a person by a token, through the real WSGI middleware."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from ediary_core.models import AttendanceStatus, ClassKind, Enrolment, EnrolmentRole, Lesson, SchoolClass, Subject
from ediary_core.services.lessons import record_lesson
from tenants.access import Role
from tenants.identity import new_id
from tenants.people.models import User
from tenants.people.services.tokens import make_token
from tenants.schools.models import School, Stage
from tests.school.conftest import enter


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who calls the API of one school. The test is in that school again afterwards."""

    client: Client
    school: School
    headers: dict[str, str]

    def get(self, path: str, **headers: str) -> Any:
        with tenant_context(self.school):
            return self.client.get(f"/api/v1/{path}", headers={**self.headers, **headers})

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        with tenant_context(self.school):
            return self.client.generic(
                method,
                f"/api/v1/{path}",
                json.dumps(body),
                content_type="application/json",
                headers={**self.headers, **headers},
            )


@pytest.fixture
def live(os_reka: School) -> School:
    """Guardians may enter."""
    with schema_context("public"):
        School.objects.filter(pk=os_reka.pk).update(stage=Stage.LIVE)
    return os_reka


@pytest.fixture
def calling(live: School, school: School) -> Callable[[User | None], Caller]:
    def make(person: User | None) -> Caller:
        client = Client(SERVER_NAME="os-reka.localhost")
        if person is None:
            return Caller(client, school, {})
        _token, secret = make_token(person=person, token_id=new_id(), name="Test", days=1)
        return Caller(client, school, {"authorization": f"Bearer {secret}"})

    return make


@dataclass(frozen=True, slots=True)
class Diary:
    """Tomaž teaches Pia and Jaka mathematics; today's second lesson is recorded, Jaka was absent."""

    maths: SchoolClass
    pia: User
    jaka: User
    lesson: Lesson
    today: date


@pytest.fixture
def diary(teacher: User, pupil: User) -> Diary:
    today = timezone.localdate()
    span = {"school_year": today.year, "begins_on": date(today.year - 1, 9, 1), "ends_on": date(today.year + 1, 6, 24)}
    subject = Subject.objects.create(title="Matematika", code="MAT")
    maths = SchoolClass.objects.create(title="Matematika 3.a", kind=ClassKind.SCHEDULED, subject=subject, **span)
    jaka = enter("jaka", Role.PUPIL)
    Enrolment.objects.create(school_class=maths, person=teacher, role=EnrolmentRole.TEACHER)
    for person in (pupil, jaka):
        Enrolment.objects.create(school_class=maths, person=person, role=EnrolmentRole.PUPIL)
    lesson = record_lesson(
        teacher=teacher,
        school_class=maths,
        held_on=today,
        period=2,
        topic="Ulomki",
        attendance={pupil.pk: AttendanceStatus.PRESENT, jaka.pk: AttendanceStatus.ABSENT},
        today=today,
    )
    return Diary(maths, pupil, jaka, lesson, today)
