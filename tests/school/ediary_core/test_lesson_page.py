"""The lesson page and the day it is reached from, as a browser sees them."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from ediary_core.forms.statuses import choices_of
from ediary_core.models import Attendance, AttendanceStatus, EnrolmentRole, Lesson, LessonChange
from ediary_core.services.lessons import begin_lesson
from tenants.access import Action, Role, Scope
from tenants.backend.current import connection
from tenants.people.models import ScopeOverride, User
from tenants.schools.models import School
from tests.school.conftest import enter
from tests.school.ediary_core.structure import TODAY, Structure, enrol, plan
from tests.school.visitors import Visitor


@pytest.fixture
def page(school: School, teacher: User) -> Visitor:
    """Tomaz is logged in."""
    return Visitor(school, teacher)


def url_of(structure: Structure, name: str = "lesson", **changes: Any) -> str:
    return reverse(name, kwargs={"class_id": structure.maths.pk, "held_on": TODAY, "period": 2, **changes})


def statuses() -> dict[str, str]:
    return dict(Attendance.objects.values_list("pupil__username", "status"))


def test_the_day_lists_the_lessons_with_their_state_and_leads_to_each(structure: Structure, page: Visitor) -> None:
    plan(structure.maths, 2)

    content = page.get("/lessons/?day=2026-11-20").content.decode()

    assert f'href="{url_of(structure)}"' in content
    assert "Not recorded yet" in content
    assert "0 of 1 lesson is recorded" in content


@pytest.mark.parametrize("day", ["", "2026-02-30", "tomorrow", "9999-12-31", "0001-01-01", "\0"])
def test_a_day_that_is_none_shows_today(structure: Structure, page: Visitor, day: str) -> None:
    answer = page.get("/lessons/", {"day": day})

    assert answer.status_code == 200
    assert "Today's lessons" in answer.content.decode()


def test_a_day_without_lessons_leads_to_the_next_one_that_has_some(structure: Structure, page: Visitor) -> None:
    plan(structure.maths, 2)

    content = page.get("/lessons/?day=2026-11-15").content.decode()

    assert "No lessons on this day" in content
    assert 'href="/lessons/?day=2026-11-20"' in content


def test_a_plain_form_begins_the_lesson_and_records_it_when_all_is_there(structure: Structure, page: Visitor) -> None:
    first = page.post(url_of(structure), {"topic": "Ulomki", f"status-{structure.pia.pk}": "late"}, follow=True)

    assert "A topic and the attendance of every pupil make the lesson recorded." in first.content.decode()
    assert (Lesson.objects.get().topic, Lesson.objects.get().recorded_at) == ("Ulomki", None)
    assert statuses() == {"pia": "late"}

    second = page.post(
        url_of(structure), {"topic": "Ulomki", f"status-{structure.pia.pk}": "late", "rest": "present"}, follow=True
    )

    assert "Saved. The lesson is recorded." in second.content.decode()
    assert Lesson.objects.get().recorded_at is not None
    assert statuses() == {"pia": "late", "jaka": "present"}


def test_a_recorded_lesson_keeps_a_topic_and_the_form_its_input(structure: Structure, page: Visitor) -> None:
    page.post(url_of(structure), {"topic": "Ulomki", "rest": "present"})

    content = page.post(url_of(structure), {"topic": " ", f"status-{structure.pia.pk}": "absent"}).content.decode()

    assert "A recorded lesson keeps a topic." in content
    assert re.search(rf'name="status-{structure.pia.pk}" value="absent"[^>]*checked', content)
    assert (Lesson.objects.get().topic, statuses()["pia"]) == ("Ulomki", "present")


def test_the_plain_form_changes_only_what_differs_from_what_it_showed(
    structure: Structure, page: Visitor, school: School
) -> None:
    """Vida, who also teaches the class, marks Jaka as ill while Tomaz has the page open."""
    page.post(url_of(structure), {"topic": "Ulomki", "rest": "present"})
    seen = {change.pupil_id: change.pk for change in LessonChange.objects.exclude(pupil=None)}
    vida = enter("vida", Role.TEACHER)
    enrol(structure.maths, vida, EnrolmentRole.TEACHER)
    Visitor(school, vida).post(url_of(structure), {"topic": "Ulomki", f"status-{structure.jaka.pk}": "ill"})

    form = {"topic": "Ulomki"}
    for pupil, status in ((structure.pia, "late"), (structure.jaka, "present")):
        form |= {f"status-{pupil.pk}": status, f"seen-{pupil.pk}": f"present {seen[pupil.pk]}"}
    page.post(url_of(structure), form)

    assert statuses() == {"pia": "late", "jaka": "ill"}


def test_the_plain_form_does_not_write_over_a_topic_that_it_did_not_show(
    structure: Structure, page: Visitor, school: School
) -> None:
    """Vida enters topic and substitution while Tomaz has the page open, who then marks Pia as late."""
    vida = enter("vida", Role.TEACHER)
    enrol(structure.maths, vida, EnrolmentRole.TEACHER)
    shown = {"shown-topic": "", "seen-topic": "", "shown-substitution": ""}
    content = page.get(url_of(structure)).content.decode()
    assert all(f'name="{name}" value="{value}"' in content for name, value in shown.items())
    Visitor(school, vida).post(url_of(structure), {"topic": "Ulomki", "substitution": "on"})

    page.post(url_of(structure), {**shown, "topic": "", f"status-{structure.pia.pk}": "late"})

    assert (Lesson.objects.get().topic, Lesson.objects.get().is_substitution) == ("Ulomki", True)
    assert statuses() == {"pia": "late"}

    told = page.post(url_of(structure), {**shown, "topic": "Deljenje"}, follow=True).content.decode()

    assert "Vida Novak had entered something else in the meantime" in told
    assert Lesson.objects.get().topic == "Deljenje"


def test_the_plain_form_removes_no_topic_that_it_did_not_show(
    structure: Structure, page: Visitor, school: School
) -> None:
    """Vida records the whole lesson while Tomaz has the page open, who then marks Pia as late."""
    vida = enter("vida", Role.TEACHER)
    enrol(structure.maths, vida, EnrolmentRole.TEACHER)
    Visitor(school, vida).post(url_of(structure), {"topic": "Ulomki", "rest": "present"})

    form = {"shown-topic": "", "seen-topic": "", "topic": "", f"status-{structure.pia.pk}": "late"}
    answer = page.post(url_of(structure), form)

    assert answer.status_code == 302
    assert Lesson.objects.get().topic == "Ulomki"
    assert statuses() == {"pia": "late", "jaka": "present"}
    assert page.post(url_of(structure), {**form, "shown-topic": "Ulomki"}).status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {"topic": "x" * 256},
        {"topic": "Ulomki\0"},
        {"topic": "Ulomki", "status-{pia}": "sleeping"},
        {"topic": "Ulomki", "seen-{pia}": "present " + "9" * 100},
    ],
)
def test_wrong_input_is_told_and_changes_nothing(structure: Structure, page: Visitor, form: dict[str, str]) -> None:
    answer = page.post(url_of(structure), {name.format(pia=structure.pia.pk): value for name, value in form.items()})

    assert answer.status_code == 200
    assert "Please look at this again" in answer.content.decode()
    assert not Lesson.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"held_on": "2026-08-31"},
        {"held_on": "2027-06-25"},
        {"held_on": "2026-02-30"},
        {"period": 16},
        {"class_id": uuid4()},
    ],
)
def test_a_lesson_that_cannot_be_is_not_there(structure: Structure, page: Visitor, changes: dict[str, Any]) -> None:
    kwargs = {"class_id": structure.maths.pk, "held_on": "2026-11-20", "period": 2, **changes}
    address = f"/lessons/{kwargs['class_id']}/{kwargs['held_on']}/{kwargs['period']}/"

    assert page.get(address).status_code == 404
    assert page.post(address, {"topic": "Ulomki"}).status_code == 404
    assert not Lesson.objects.exists()


def test_a_lesson_to_come_says_when_it_can_be_recorded(structure: Structure, page: Visitor) -> None:
    address = url_of(structure, held_on="2027-06-24")

    answer = page.get(address, follow=True)

    assert answer.redirect_chain == [("/lessons/?day=2027-06-24", 302)]
    assert "This lesson is still to come." in answer.content.decode()
    assert page.post(address, {"topic": "Ulomki"}).status_code == 404


def test_another_teachers_class_is_not_there(structure: Structure, school: School, director: User) -> None:
    vida = enter("vida", Role.TEACHER)

    for person in (vida, director):
        visitor = Visitor(school, person)
        assert visitor.get(url_of(structure)).status_code == 404
        assert visitor.post(url_of(structure), {"topic": "Ulomki"}).status_code == 404
        assert visitor.post(url_of(structure, "lesson-entries"), "{}", "application/json").status_code == 404
    assert not Lesson.objects.exists()


def test_a_school_that_takes_attendance_from_teachers_closes_the_page(structure: Structure, page: Visitor) -> None:
    ScopeOverride.objects.create(action=Action.ATTENDANCE_RECORD, role=Role.TEACHER, scope=Scope.NONE)

    assert page.get(url_of(structure)).status_code == 404


def test_the_page_costs_the_same_for_a_large_class(structure: Structure, page: Visitor) -> None:
    page.post(url_of(structure), {"topic": "Ulomki", "rest": "present"}, follow=True)
    with CaptureQueriesContext(connection) as of_two:
        page.get(url_of(structure))
    for number in range(28):
        enrol(structure.maths, enter(f"ucenec{number}", Role.PUPIL), EnrolmentRole.PUPIL)

    with CaptureQueriesContext(connection) as of_thirty:
        content = page.get(url_of(structure)).content.decode()

    assert content.count('class="pupil"') == 30
    assert len(of_two) == len(of_thirty)


def test_the_page_offers_what_the_country_tells_apart_and_a_letter_for_each(
    structure: Structure, page: Visitor
) -> None:
    content = page.get(url_of(structure)).content.decode()
    row = content[content.index('class="pupil"') :].partition("</fieldset>")[0]

    assert re.findall(r'value="(\w+)" data-key="(\w)"', row) == [
        ("present", "P"),
        ("absent", "A"),
        ("late", "L"),
        ("excused", "E"),
        ("unexcused", "U"),
        ("school_duty", "S"),
    ]


@pytest.mark.parametrize("language", ["en", "sl", "pl", "uk"])
def test_no_two_letters_are_alike(language: str) -> None:
    with translation.override(language):
        choices = choices_of("SI", used=set(AttendanceStatus))
        keys = [str(choice.key) for choice in (*choices.first, *choices.more)]

    assert len(keys) == len(set(keys)) == len(AttendanceStatus)
    assert [key for key in keys if len(key) != 1 or key != key.upper()] == []


def test_a_lesson_outside_the_timetable_is_begun_in_the_own_class(structure: Structure, page: Visitor) -> None:
    form = {"school_class": structure.maths.pk, "held_on": "2026-11-20", "period": 2}

    answer = page.post("/lessons/begin/", form)

    assert answer.headers["Location"] == url_of(structure)
    assert page.get(url_of(structure)).status_code == 200
    assert not Lesson.objects.exists(), "Looking at it begins nothing; the wrong class can be left again."
    page.post(url_of(structure), {"topic": "Ulomki"})
    assert not Lesson.objects.get().is_substitution
    assert page.post("/lessons/begin/", form).headers["Location"] == url_of(structure)
    assert Lesson.objects.count() == 1


def test_who_has_entered_everybody_is_told_that_the_topic_is_missing(structure: Structure, page: Visitor) -> None:
    reminder = '<p id="topic-missing"><a href="#id_topic">The topic is still missing.</a></p>'
    assert reminder not in page.get(url_of(structure)).content.decode()

    page.post(url_of(structure), {"rest": "present"})
    assert reminder in page.get(url_of(structure)).content.decode()

    page.post(url_of(structure), {"topic": "Ulomki"})
    assert reminder not in page.get(url_of(structure)).content.decode()


def test_a_substitution_is_begun_in_a_colleagues_class_and_stays_one(structure: Structure, school: School) -> None:
    vida = enter("vida", Role.TEACHER)
    visitor = Visitor(school, vida)

    begun = visitor.post(
        "/lessons/begin/", {"school_class": structure.maths.pk, "held_on": "2026-11-20", "period": 2}, follow=True
    )
    visitor.post(url_of(structure), {"topic": "Ulomki", "rest": "present"})

    assert "it is recorded as a substitution" in begun.content.decode()
    assert Lesson.objects.values_list("teacher", "topic", "is_substitution").get() == (vida.pk, "Ulomki", True)
    assert statuses() == {"pia": "present", "jaka": "present"}


def test_a_lesson_that_a_colleague_gives_is_not_begun_again(
    structure: Structure, school: School, teacher: User
) -> None:
    begin_lesson(teacher=teacher, school_class=structure.maths, held_on=TODAY, period=2, today=TODAY)
    visitor = Visitor(school, enter("vida", Role.TEACHER))

    form = {"school_class": structure.maths.pk, "held_on": "2026-11-20", "period": 2}
    content = visitor.post("/lessons/begin/", form).content.decode()

    assert "Tomaz Novak already has this lesson of the class." in content
    assert Lesson.objects.get().teacher == teacher


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"school_class": ""}, "This field is required."),
        ({"school_class": "nonsense"}, "Select a valid choice."),
        ({"school_class": str(uuid4())}, "Select a valid choice."),
        ({"held_on": "yesterday"}, "Enter a valid date."),
        ({"held_on": "2099-01-01"}, "This day is still to come."),
        ({"held_on": "2026-08-31"}, "The class does not meet on this day."),
        ({"period": "99999999999999"}, "Select a valid choice."),
    ],
)
def test_a_lesson_that_cannot_be_begun_says_why(
    structure: Structure, page: Visitor, changes: dict[str, str], said: str
) -> None:
    form = {"school_class": str(structure.maths.pk), "held_on": "2026-11-20", "period": "2", **changes}

    assert said in page.post("/lessons/begin/", form).content.decode()
    assert not Lesson.objects.exists()
