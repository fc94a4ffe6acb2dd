"""Entries of the lesson page: sent again, late, in the wrong order, by two colleagues, or by something else."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ediary_core.models import Attendance, Enrolment, EnrolmentRole, Lesson, LessonChange
from ediary_core.services.entries import record_entries
from tenants.access import Role
from tenants.backend.current import connection
from tenants.people.models import User
from tenants.schools.models import School
from tests.school.conftest import enter
from tests.school.ediary_core.structure import TODAY, Structure, enrol
from tests.school.visitors import Visitor

BEGAN = timezone.now() - timedelta(hours=1)


@pytest.fixture
def page(school: School, teacher: User) -> Visitor:
    return Visitor(school, teacher)


@pytest.fixture
def colleague(school: School, structure: Structure) -> Visitor:
    """Vida teaches the class, too."""
    vida = enter("vida", Role.TEACHER)
    enrol(structure.maths, vida, EnrolmentRole.TEACHER)
    return Visitor(school, vida)


def attendance(pupil: User, value: str, seconds: float, **changes: Any) -> dict[str, Any]:
    """An entry so many seconds after the lesson began."""
    at: datetime = BEGAN + timedelta(seconds=seconds)
    given = {"id": str(uuid4()), "kind": "attendance", "pupil": str(pupil.pk), "value": value, "seen": ""}
    return {**given, "entered_at": int(at.timestamp() * 1000), **changes}


def topic(value: str, seconds: float, **changes: Any) -> dict[str, Any]:
    at: datetime = BEGAN + timedelta(seconds=seconds)
    return {"id": str(uuid4()), "kind": "topic", "value": value, "entered_at": int(at.timestamp() * 1000), **changes}


def send(visitor: Visitor, structure: Structure, *entries: dict[str, Any]) -> dict[str, Any]:
    address = reverse("lesson-entries", args=[structure.maths.pk, TODAY, 2])
    answer = visitor.post(address, json.dumps({"entries": entries}), "application/json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def results(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(outcome["result"], outcome["value"]) for outcome in answer["outcomes"]]


def statuses() -> dict[str, str]:
    return dict(Attendance.objects.values_list("pupil__username", "status"))


def test_the_first_entry_begins_the_lesson_and_the_last_one_records_it(structure: Structure, page: Visitor) -> None:
    first = send(page, structure, attendance(structure.pia, "present", 1))
    second = send(page, structure, topic("Ulomki", 2))
    third = send(page, structure, attendance(structure.jaka, "late", 3))

    assert [answer["recorded"] for answer in (first, second, third)] == [False, False, True]
    assert statuses() == {"pia": "present", "jaka": "late"}
    assert Lesson.objects.get().topic == "Ulomki"


def test_an_entry_that_is_sent_twice_counts_once(structure: Structure, page: Visitor) -> None:
    entry = attendance(structure.pia, "absent", 1)
    later = attendance(structure.pia, "late", 2)

    send(page, structure, entry)
    again = send(page, structure, entry, later, later)
    once_more = send(page, structure, entry)

    assert results(again) == [("repeated", "absent"), ("saved", "late"), ("repeated", "late")]
    assert results(once_more) == [("repeated", "late")]
    assert statuses() == {"pia": "late"}
    assert list(LessonChange.objects.values_list("before", "after").order_by("entered_at")) == [
        ("", "absent"),
        ("absent", "late"),
    ]


def test_an_older_entry_that_arrives_late_is_kept_and_changes_nothing(structure: Structure, page: Visitor) -> None:
    newer = attendance(structure.pia, "late", 20)
    older = attendance(structure.pia, "absent", 10)

    send(page, structure, newer, topic("Ulomki", 20))
    answer = send(page, structure, older, topic("Deljenje", 10))

    assert results(answer) == [("overtaken", "late"), ("overtaken", "Ulomki")]
    assert answer["outcomes"][0]["change"] == newer["id"]
    assert answer["outcomes"][0]["colleague"] == ""
    assert (statuses(), Lesson.objects.get().topic) == ({"pia": "late"}, "Ulomki")
    assert LessonChange.objects.filter(pk=older["id"], is_applied=False, after="absent").exists()


def test_a_clock_that_runs_ahead_does_not_shut_others_out(structure: Structure, page: Visitor) -> None:
    send(page, structure, attendance(structure.pia, "absent", 3 * 24 * 3600))

    answer = send(page, structure, attendance(structure.pia, "late", 2 * 3600))

    assert results(answer) == [("saved", "late")]


def test_a_colleagues_entry_in_between_is_shown(structure: Structure, page: Visitor, colleague: Visitor) -> None:
    seen = attendance(structure.pia, "present", 1)
    send(page, structure, seen)
    send(colleague, structure, attendance(structure.pia, "ill", 30, seen=seen["id"]))

    older = send(page, structure, attendance(structure.pia, "absent", 20, seen=seen["id"]))
    newer = send(page, structure, attendance(structure.pia, "late", 40, seen=seen["id"]))
    known = send(colleague, structure, attendance(structure.pia, "ill", 50, seen=newer["outcomes"][0]["change"]))

    told = [(x["outcomes"][0]["result"], x["outcomes"][0]["colleague"]) for x in (older, newer, known)]
    assert told == [("overtaken", "Vida Novak"), ("saved", "Vida Novak"), ("saved", "")]
    assert older["outcomes"][0]["label"] == "Ill"
    assert statuses() == {"pia": "ill"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": "sleeping"},
        {"value": ""},
        {"pupil": str(uuid4())},
        {"pupil": ""},
        {"pupil": "Pia"},
        {"pupil": 7},
        {"kind": "mark"},
        {"kind": "topic"},
        {"kind": "topic", "pupil": "", "value": "x" * 256},
        {"kind": "topic", "pupil": "", "value": "\0"},
        {"kind": "substitution", "pupil": "", "value": "perhaps"},
        {"value": 1},
        {"entered_at": "now"},
        {"entered_at": 10**30},
        {"entered_at": None},
        {"seen": "nothing"},
        {"seen": 3},
    ],
)
def test_an_entry_that_cannot_be_is_refused_alone(structure: Structure, page: Visitor, wrong: dict[str, Any]) -> None:
    bad = attendance(structure.pia, "absent", 1) | wrong

    answer = send(page, structure, bad, attendance(structure.jaka, "present", 2))

    assert sorted((x["id"] == bad["id"], x["result"]) for x in answer["outcomes"]) == [
        (False, "saved"),
        (True, "refused"),
    ]
    assert statuses() == {"jaka": "present"}


@pytest.mark.parametrize("body", ["", "[]", "7", "{", '{"entries": 1}', '{"entries": null}', "[" * 100000, "\xff"])
def test_what_is_no_list_of_entries_is_refused_as_a_whole(structure: Structure, page: Visitor, body: str) -> None:
    address = reverse("lesson-entries", args=[structure.maths.pk, TODAY, 2])

    assert page.post(address, body, "application/json").status_code == 400
    assert page.post(address, json.dumps({"entries": [{}] * 501}), "application/json").status_code == 400
    assert not Lesson.objects.exists()


def test_an_entry_that_is_no_object_is_passed_over(structure: Structure, page: Visitor) -> None:
    answer = send(page, structure, None, [], {}, {"id": ["x"]}, attendance(structure.pia, "late", 1))  # type: ignore[arg-type]

    assert [outcome["result"] for outcome in answer["outcomes"]] == ["saved", *["refused"] * 4]


@pytest.mark.parametrize("entries", [[], [None], [{"id": "x"}]])
def test_what_holds_no_entry_begins_no_lesson(structure: Structure, page: Visitor, entries: list[Any]) -> None:
    answer = send(page, structure, *entries)

    assert [outcome["result"] for outcome in answer["outcomes"]] == ["refused"] * len(entries)
    assert not Lesson.objects.exists()


def test_a_lesson_that_is_a_colleagues_by_now_is_not_there(
    structure: Structure, page: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the lock: the roster takes the class from Tomaz."""

    def meanwhile(**given: Any) -> Any:
        Enrolment.objects.filter(role=EnrolmentRole.TEACHER).update(ended_on=TODAY)
        return record_entries(**given)

    monkeypatch.setattr("ediary_core.views.lesson.record_entries", meanwhile)
    address = reverse("lesson-entries", args=[structure.maths.pk, TODAY, 2])

    body = json.dumps({"entries": [attendance(structure.pia, "present", 1)]})
    assert page.post(address, body, "application/json").status_code == 404
    assert not Lesson.objects.exists()


def test_the_id_of_another_lessons_entry_is_refused(structure: Structure, page: Visitor) -> None:
    entry = attendance(structure.pia, "absent", 1)
    send(page, structure, entry)

    address = reverse("lesson-entries", args=[structure.maths.pk, TODAY, 3])
    answer = page.post(address, json.dumps({"entries": [entry]}), "application/json").json()

    assert [outcome["result"] for outcome in answer["outcomes"]] == ["refused"]
    assert Attendance.objects.count() == 1


def test_a_recorded_lesson_keeps_a_topic(structure: Structure, page: Visitor) -> None:
    send(page, structure, topic("Ulomki", 1), *(attendance(x, "present", 2) for x in (structure.pia, structure.jaka)))

    assert results(send(page, structure, topic("", 3))) == [("refused", "Ulomki")]
    assert Lesson.objects.get().topic == "Ulomki"


def test_the_substitution_is_ticked_and_unticked_in_the_own_class_and_stays_in_a_colleagues(
    structure: Structure, page: Visitor, school: School
) -> None:
    def tick(value: str) -> dict[str, Any]:
        return topic(value, 1, kind="substitution")

    assert results(send(page, structure, tick("on"), tick(""))) == [("saved", "on"), ("saved", "")]
    nika = enter("nika", Role.TEACHER)
    instead = Visitor(school, nika)
    instead.post("/lessons/begin/", {"school_class": structure.maths.pk, "held_on": "2026-11-20", "period": 5})

    address = reverse("lesson-entries", args=[structure.maths.pk, TODAY, 5])
    answer = instead.post(address, json.dumps({"entries": [tick("")]}), "application/json").json()

    assert results(answer) == [("refused", "on")]
    assert Lesson.objects.get(teacher=nika).is_substitution


def test_the_history_can_only_be_added_to(structure: Structure, page: Visitor) -> None:
    entry = attendance(structure.pia, "absent", 1)
    send(page, structure, entry)
    rows = LessonChange.objects.filter(pk=UUID(entry["id"]))

    for attempt in (lambda: rows.update(after="present"), rows.delete):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            attempt()

    assert rows.values_list("before", "after", "entered_by__username").get() == ("", "absent", "tomaz")


def test_thirty_entries_cost_as_many_queries_as_one(structure: Structure, page: Visitor) -> None:
    pupils = [enter(f"ucenec{number}", Role.PUPIL) for number in range(30)]
    for pupil in pupils:
        enrol(structure.maths, pupil, EnrolmentRole.PUPIL)
    send(page, structure, attendance(structure.pia, "present", 1))

    with CaptureQueriesContext(connection) as of_one:
        send(page, structure, attendance(structure.jaka, "present", 2))
    with CaptureQueriesContext(connection) as of_thirty:
        send(page, structure, *(attendance(pupil, "present", 3) for pupil in pupils))

    assert len(of_one) == len(of_thirty)
    assert len(statuses()) == 32


def test_whoever_is_logged_out_is_told_so(structure: Structure, page: Visitor) -> None:
    page.logout()

    address = reverse("lesson-entries", args=[structure.maths.pk, TODAY, 2])
    assert page.post(address, "{}", "application/json").status_code == 401
