"""A substitution that was begun by mistake is taken back by whoever began it, as long as nothing was entered."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from ediary_core.models import Attendance, Lesson, LessonChange
from ediary_core.services.lessons import begin_lesson
from tenants.access import Role
from tenants.people.models import User
from tenants.schools.models import School
from tests.school.conftest import enter
from tests.school.ediary_core.structure import TODAY, Structure
from tests.school.visitors import Visitor

BUTTON = "Begun by mistake: take it back"


def address(structure: Structure, name: str = "lesson-take-back") -> str:
    return reverse(name, args=[structure.maths.pk, TODAY, 2])


@pytest.fixture
def vida(school: School, structure: Structure) -> Visitor:
    """Vida has begun a substitution in Tomaz's class."""
    person = enter("vida", Role.TEACHER)
    begin_lesson(
        teacher=person, school_class=structure.maths, held_on=TODAY, period=2, today=TODAY, is_substitution=True
    )
    return Visitor(school, person)


def enter_topic(visitor: Visitor, structure: Structure) -> int:
    entry = {
        "id": str(uuid4()),
        "kind": "topic",
        "value": "Ulomki",
        "entered_at": int(timezone.now().timestamp() * 1000),
    }
    body = json.dumps({"entries": [entry]})
    status: int = visitor.post(address(structure, "lesson-entries"), body, "application/json").status_code
    return status


def test_it_is_gone_and_the_class_is_its_teachers_again(
    structure: Structure, vida: Visitor, school: School, teacher: User
) -> None:
    assert BUTTON in vida.get(address(structure, "lesson")).content.decode()

    answer = vida.post(address(structure), follow=True)

    assert "The substitution is taken back. Nothing was entered in it." in answer.content.decode()
    assert not Lesson.objects.exists()
    assert vida.get(address(structure, "lesson")).status_code == 404
    assert enter_topic(vida, structure) == 404, "What another window still has open enters nothing."
    assert not Lesson.objects.exists()
    assert enter_topic(Visitor(school, teacher), structure) == 200
    assert Lesson.objects.get().teacher == teacher


def test_what_has_an_entry_stays_with_its_history(structure: Structure, vida: Visitor) -> None:
    enter_topic(vida, structure)

    shown = vida.get(address(structure, "lesson")).content.decode()
    answer = vida.post(address(structure), follow=True)

    assert BUTTON not in shown
    assert "Something is entered in this lesson already, so it stays." in answer.content.decode()
    assert (Lesson.objects.get().topic, LessonChange.objects.count()) == ("Ulomki", 1)


def test_attendance_without_a_history_stays_too(structure: Structure, vida: Visitor) -> None:
    Attendance.objects.create(lesson=Lesson.objects.get(), pupil=structure.pia, status="absent")

    vida.post(address(structure))

    assert Attendance.objects.count() == Lesson.objects.count() == 1


def test_nobody_else_takes_it_back(structure: Structure, vida: Visitor, school: School, teacher: User) -> None:
    for person in (teacher, enter("nika", Role.TEACHER)):
        visitor = Visitor(school, person)
        assert visitor.post(address(structure)).status_code == 404
        assert BUTTON not in visitor.get(address(structure, "lesson")).content.decode()

    assert Lesson.objects.get().is_substitution


def test_a_lesson_of_the_own_class_is_no_substitution(structure: Structure, school: School, teacher: User) -> None:
    given: dict[str, Any] = {"school_class": structure.maths, "held_on": TODAY, "period": 2, "today": TODAY}
    begin_lesson(teacher=teacher, **given)
    visitor = Visitor(school, teacher)

    assert BUTTON not in visitor.get(address(structure, "lesson")).content.decode()
    assert visitor.post(address(structure)).status_code == 404
    assert Lesson.objects.count() == 1
