"""The start page of guardians and pupils through HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ediary_core.models import AttendanceStatus, SchoolClass
from ediary_core.services.lessons import record_lesson
from portal.templatetags.portal import day
from tenants.access import Role
from tenants.people.models import Channel, User
from tenants.people.services.people import GuardianshipRecord, set_guardianships
from tenants.schools.models import School, Stage
from tenants.schools.services.lifecycle import mirror_stage
from tests.school.conftest import enter
from tests.school.ediary_core.structure import Structure, build, plan
from tests.school.opt_in.families import acts_of, authorise, verify
from tests.school.visitors import Visitor

ENGLISH = "0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e01"
QUESTION = "May the company that runs this e-diary send you offers?"


@pytest.fixture
def structure(school: School, teacher: User, pupil: User) -> Structure:
    mirror_stage(school=school, stage=Stage.LIVE)
    return build(teacher, pupil)


@pytest.fixture
def asked(school: School, director: User, guardian: User) -> Visitor:
    """Gaja with a verified e-mail address, at a school that lets the vendor ask."""
    authorise(school, director, enter("cita", Role.GUARDIAN, email="cita@family.example"), "email", "sms")
    verify(guardian, Channel.EMAIL)
    return Visitor(school, guardian)


def read(visitor: Visitor) -> str:
    return " ".join(visitor.get("/").content.decode().split())


def record(structure: Structure, teacher: User, pia: AttendanceStatus, period: int = 2) -> None:
    record_lesson(
        teacher=teacher,
        school_class=structure.maths,
        held_on=timezone.localdate(),
        period=period,
        topic="Ulomki",
        attendance={structure.pia.pk: pia, structure.jaka.pk: AttendanceStatus.PRESENT},
        today=timezone.localdate(),
    )


def test_a_card_shows_the_day_before_anything_is_recorded(school: School, guardian: User, structure: Structure) -> None:
    plan(structure.maths, 2, weekday=timezone.localdate().isoweekday())

    content = read(Visitor(school, guardian))

    assert "Pia Novak" in content
    assert "· 3.a" in content
    assert "Nothing is recorded yet." in content
    assert "<strong>Matematika</strong>" in content


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (AttendanceStatus.PRESENT, "Present in every lesson recorded so far."),
        (AttendanceStatus.ABSENT, "Absent from 1 lesson so far."),
        (AttendanceStatus.LATE, "Late for 1 lesson so far."),
    ],
)
def test_a_card_tells_the_attendance_so_far(
    school: School, guardian: User, teacher: User, structure: Structure, status: AttendanceStatus, said: str
) -> None:
    record(structure, teacher, status)

    content = read(Visitor(school, guardian))

    assert said in content
    assert "Ulomki" in content
    assert "Jaka" not in content


def test_a_day_without_lessons_says_so_and_when_the_next_are(
    school: School, guardian: User, structure: Structure
) -> None:
    page = Visitor(school, guardian)

    assert "No lessons are planned or recorded today. The timetable has none after today either." in read(page)

    SchoolClass.objects.update(ends_on=timezone.localdate() + timedelta(days=30))
    tomorrow = timezone.localdate() + timedelta(days=1)
    plan(structure.maths, 2, weekday=tomorrow.isoweekday())
    assert f"No lessons are planned or recorded today. The next lessons: {day(tomorrow)}" in read(page)


def test_a_pupil_sees_the_own_day(school: School, pupil: User, teacher: User, structure: Structure) -> None:
    record(structure, teacher, AttendanceStatus.LATE)

    content = read(Visitor(school, pupil))

    assert "Pia Novak" in content
    assert "Late for 1 lesson so far." in content
    assert "Jaka" not in content


def test_a_guardian_without_a_child_is_told_whom_to_ask(school: School, structure: Structure) -> None:
    lonely = enter("mojca", Role.GUARDIAN)

    assert "No child is linked with your account" in read(Visitor(school, lonely))


def test_the_number_of_children_adds_no_query(
    school: School, guardian: User, teacher: User, structure: Structure, django_assert_num_queries: Any
) -> None:
    record(structure, teacher, AttendanceStatus.PRESENT)
    page = Visitor(school, guardian)
    with django_assert_num_queries(19):
        page.get("/")
    link = GuardianshipRecord(guardian_id=guardian.id, pupil_id=structure.jaka.id)
    set_guardianships(links=[link], pupil_ids=[structure.jaka.id])

    with django_assert_num_queries(19):
        content = page.get("/").content.decode()

    assert content.count('class="card from-school h-100"') == 2


def test_whom_nothing_reaches_is_shown_the_way(
    school: School, guardian: User, pupil: User, structure: Structure
) -> None:
    said = "Messages cannot reach you yet"

    assert said in read(Visitor(school, guardian))
    assert 'href="/account/contacts/"' in read(Visitor(school, guardian))
    assert said not in read(Visitor(school, pupil))
    verify(guardian, Channel.EMAIL)
    assert said not in read(Visitor(school, guardian))


def test_the_question_is_asked_below_the_children_and_its_answers_look_alike(asked: Visitor) -> None:
    content = read(asked)

    assert content.index("Pia Novak") < content.index(QUESTION)
    buttons = content.split('action="/consents/answer"')[1].split("</form>")[0].split("<button ")[1:]
    assert [button.split(">")[0].split(" name=")[0] for button in buttons] == ['class="btn btn-outline-primary"'] * 3
    assert [button.split(">")[1].split("<")[0] for button in buttons] == [
        "Yes, by e-mail",
        "No, no offers",
        "Close, ask me later",
    ]


def test_yes_counts_for_the_channel_that_was_named(asked: Visitor, guardian: User) -> None:
    asked.post("/consents/answer", {"answer": "email", "notice": ENGLISH})

    assert acts_of(guardian) == [("give", "email")]
    assert QUESTION not in read(asked)


def test_no_is_remembered_and_not_asked_again(school: School, asked: Visitor, guardian: User) -> None:
    asked.post("/consents/answer", {"answer": "no", "notice": ENGLISH})

    assert acts_of(guardian) == [("refuse", "email"), ("refuse", "sms")]
    assert QUESTION not in read(asked)
    assert QUESTION not in read(Visitor(school, guardian))


def test_later_is_until_the_next_login_and_says_nothing_to_the_gate(
    school: School, asked: Visitor, guardian: User
) -> None:
    answer = asked.post("/consents/answer", {"answer": "later", "notice": ENGLISH}, follow=True)

    assert "We ask again when you next log in." in answer.content.decode()
    assert QUESTION not in read(asked)
    assert QUESTION in read(Visitor(school, guardian))
    assert acts_of(guardian) == []


@pytest.mark.parametrize(
    "answer", [{}, {"answer": "maybe", "notice": ENGLISH}, {"answer": "email"}, {"answer": "email", "notice": "x"}]
)
def test_an_answer_that_is_none_changes_nothing(asked: Visitor, guardian: User, answer: dict[str, str]) -> None:
    assert asked.post("/consents/answer", answer).status_code == 404
    assert acts_of(guardian) == []


def test_a_school_without_an_authorisation_asks_nothing(school: School, guardian: User, structure: Structure) -> None:
    verify(guardian, Channel.EMAIL)

    assert QUESTION not in read(Visitor(school, guardian))


def test_nobody_is_asked_who_could_not_say_yes(school: School, director: User, guardian: User) -> None:
    authorise(school, director, enter("cita", Role.GUARDIAN, email="cita@family.example"), "email")

    assert QUESTION not in read(Visitor(school, guardian))


def test_a_lesson_of_yesterday_is_not_todays(
    school: School, guardian: User, teacher: User, structure: Structure
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    record_lesson(
        teacher=teacher,
        school_class=structure.maths,
        held_on=yesterday,
        period=1,
        topic="Ulomki",
        attendance={structure.pia.pk: AttendanceStatus.ABSENT, structure.jaka.pk: AttendanceStatus.PRESENT},
        today=timezone.localdate(),
    )

    assert "Ulomki" not in read(Visitor(school, guardian))
