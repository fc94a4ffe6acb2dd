"""Lists of classes and of their pupils, within each person's reach."""

import pytest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ediary_core.models import AttendanceStatus, EnrolmentRole
from ediary_core.selectors.day_attendance import attendance_of_day
from ediary_core.services.lessons import record_lesson
from tenants.access import Role, Scope
from tenants.backend.current import connection
from tenants.people.models import User
from tenants.schools.models import School, Stage
from tenants.schools.services.lifecycle import mirror_stage
from tests.school.conftest import enter
from tests.school.ediary_core.structure import TODAY, Structure, enrol
from tests.school.visitors import Visitor


@pytest.fixture
def page(school: School, teacher: User) -> Visitor:
    return Visitor(school, teacher)


def test_a_teacher_sees_the_own_classes_and_a_director_all(
    structure: Structure, page: Visitor, school: School, director: User
) -> None:
    own, every = page.get("/classes/"), Visitor(school, director).get("/classes/")

    assert [row.title for row in own.context["classes"]] == ["Matematika 3.a"]
    assert [row.title for row in every.context["classes"]] == ["3.a", "4.a", "Matematika 3.a"]


def test_classes_are_found_by_words_of_their_name(structure: Structure, school: School, director: User) -> None:
    visitor = Visitor(school, director)

    def found(words: str) -> list[str]:
        return [row.title for row in visitor.get("/classes/", {"q": words}).context["classes"]]

    assert found("3.a mat") == ["Matematika 3.a"]
    assert found("\0 %_") == []
    assert "No class has this name" in visitor.get("/classes/?q=zz").content.decode()


def test_a_teacher_sees_the_pupils_of_the_class_without_anybodys_contacts(
    structure: Structure, page: Visitor, guardian: User
) -> None:
    answer = page.get(reverse("class", args=[structure.maths.pk]))

    content = answer.content.decode()
    assert [pupil.username for pupil, _sign, _lines in answer.context["pupils"]] == ["jaka", "pia"]
    assert "gaja" not in content.lower()
    assert "@" not in content[content.index("<main") : content.index("</main>")]
    assert [x.username for x, _sign, _lines in page.get(f"{answer.request['PATH_INFO']}?q=PI").context["pupils"]] == [
        "pia"
    ]


def test_a_guardian_sees_the_own_child_only(structure: Structure, guardian: User, school: School) -> None:
    mirror_stage(school=school, stage=Stage.LIVE)

    answer = Visitor(school, guardian).get(reverse("class", args=[structure.maths.pk]))

    assert [pupil.username for pupil, _sign, _lines in answer.context["pupils"]] == ["pia"]


def test_another_teachers_class_is_not_there(structure: Structure, page: Visitor) -> None:
    assert page.get(reverse("class", args=[structure.other.pk])).status_code == 404
    assert page.get(reverse("class", args=[structure.homeroom.pk])).status_code == 404


def test_attendance_of_the_day_stays_within_the_reach(
    structure: Structure, teacher: User, guardian: User, director: User
) -> None:
    """Tomaz records period 2; Vida, who stands in for him, period 3."""
    vida = enter("vida", Role.TEACHER)
    for person, period in ((teacher, 2), (vida, 3)):
        record_lesson(
            teacher=person,
            school_class=structure.maths,
            held_on=TODAY,
            period=period,
            topic="Ulomki",
            attendance={structure.pia.pk: AttendanceStatus.ABSENT, structure.jaka.pk: AttendanceStatus.PRESENT},
            today=TODAY,
            is_substitution=person == vida,
        )

    def periods(person: User, scope: Scope) -> list[list[int]]:
        found = attendance_of_day(person=person, scope=scope, pupils=[structure.pia, structure.jaka], on=TODAY)
        return [[period for period, _status in lines] for lines in found.values()]

    assert periods(teacher, Scope.OWN) == [[2, 3], [2, 3]]
    assert periods(vida, Scope.OWN) == [[3], [3]]
    assert periods(guardian, Scope.CHILD) == [[2, 3], []]
    assert periods(director, Scope.SCHOOL) == [[2, 3], [2, 3]]
    assert periods(director, Scope.NONE) == [[], []]


def test_the_page_costs_the_same_for_a_large_class(structure: Structure, page: Visitor) -> None:
    address = reverse("class", args=[structure.maths.pk])
    with CaptureQueriesContext(connection) as of_two:
        page.get(address)
    for number in range(28):
        enrol(structure.maths, enter(f"ucenec{number}", Role.PUPIL), EnrolmentRole.PUPIL)

    with CaptureQueriesContext(connection) as of_thirty:
        answer = page.get(address)

    assert len(answer.context["pupils"]) == 30
    assert len(of_two) == len(of_thirty)
