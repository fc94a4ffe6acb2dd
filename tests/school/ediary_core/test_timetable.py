"""The timetable: put as a whole, from a day on; read from a file, all of it or nothing."""

import csv
import runpy
from collections import defaultdict
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django_tenants.utils import schema_context

from config.settings.base import ROOT
from ediary_core.models import Bell, EnrolmentRole, SchoolClass, TimetableEntry
from ediary_core.selectors.timetable import planned_on
from ediary_core.services.timetable import PlannedLesson, PutTimetable, put_timetable
from tenants.people.models import User
from tests.school.ediary_core.structure import TODAY, Structure, enrol, plan

TIMETABLES = ROOT / "fixtures" / "timetables"
SEPTEMBER = date(2026, 9, 1)


def week(on: date) -> list[tuple[str, int]]:
    return [(entry.school_class.title, entry.period) for entry in planned_on(on)]


def test_a_new_timetable_ends_the_old_one_and_keeps_the_days_before(structure: Structure) -> None:
    put_timetable(
        lessons=[PlannedLesson(structure.maths.pk, 5, 1), PlannedLesson(structure.maths.pk, 5, 2)], from_on=SEPTEMBER
    )

    put = put_timetable(
        lessons=[PlannedLesson(structure.maths.pk, 5, 1), PlannedLesson(structure.maths.pk, 5, 4)], from_on=TODAY
    )

    assert put == PutTimetable(begun=1, ended=1, unchanged=1)
    assert week(TODAY) == [("Matematika 3.a", 1), ("Matematika 3.a", 4)]
    assert week(date(2026, 11, 13)) == [("Matematika 3.a", 1), ("Matematika 3.a", 2)]


def test_the_same_timetable_twice_changes_nothing_and_a_correction_on_its_first_day_leaves_no_trace(
    structure: Structure,
) -> None:
    first = [PlannedLesson(structure.maths.pk, 5, 1)]
    put_timetable(lessons=first, from_on=TODAY)

    assert put_timetable(lessons=first, from_on=TODAY) == PutTimetable(begun=0, ended=0, unchanged=1)
    put_timetable(lessons=[PlannedLesson(structure.maths.pk, 5, 2)], from_on=TODAY)

    assert list(TimetableEntry.objects.values_list("period", "begins_on", "ends_on")) == [(2, TODAY, None)]


def test_a_lesson_that_was_left_out_may_come_back(structure: Structure) -> None:
    lessons = [PlannedLesson(structure.maths.pk, 5, 1)]
    put_timetable(lessons=lessons, from_on=SEPTEMBER)
    put_timetable(lessons=[], from_on=date(2026, 10, 1))
    put_timetable(lessons=lessons, from_on=TODAY)

    assert (week(date(2026, 9, 4)), week(date(2026, 10, 2))) == ([("Matematika 3.a", 1)], [])
    assert week(TODAY) == [("Matematika 3.a", 1)]


@pytest.mark.parametrize(
    "fields", [{"weekday": 0}, {"weekday": 8}, {"period": 16}, {"ends_on": date(2026, 8, 31)}, {"period": 1}]
)
def test_the_database_refuses_a_lesson_that_cannot_be(structure: Structure, fields: dict[str, Any]) -> None:
    plan(structure.maths, 1)

    with pytest.raises(IntegrityError), transaction.atomic():
        plan(structure.maths, **{"period": 2, "begins_on": date(2026, 9, 2), **fields})


def import_from(tmp_path: Path, text: str | bytes, *more: str) -> str:
    path = tmp_path / "timetable.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    out = StringIO()
    # A command begins outside every school.
    with schema_context("public"):
        call_command("import_timetable", "os-reka", str(path), "--from", "2026-09-01", *more, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def with_ids(structure: Structure) -> Structure:
    for school_class in (structure.maths, structure.homeroom, structure.other):
        school_class.sourced_id = school_class.title
        school_class.save()
    return structure


def test_a_file_becomes_the_timetable(with_ids: Structure, tmp_path: Path) -> None:
    bells = tmp_path / "bells.csv"
    bells.write_text("period,begins,ends\n1,08:20,09:05\n")

    told = import_from(tmp_path, "class,weekday,period\nMatematika 3.a,5,1\n4.a,5,1\n", "--bells", str(bells))

    assert told == "2 lessons of the week are new, 0 ended, 0 stay."
    assert week(TODAY) == [("4.a", 1), ("Matematika 3.a", 1)]
    assert [(bell.period, bell.begins_at.isoformat()) for bell in Bell.objects.all()] == [(1, "08:20:00")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("class,weekday\n", "The first line must name the columns period."),
        (b"", "The first line must name the columns class, weekday, period."),
        ("class,weekday,period\n" + "9" * 200_000, "The file cannot be read."),
        (b"class,weekday,period\n\xff,1,1\n", "The file is not UTF-8 text."),
        ("class,weekday,period\n9.z,1,1\n", "Line 2: The school has no class with the id “9.z”."),
        ("class,weekday,period\n4.a,8,1\n", "Line 2: The weekday is a number from 1 (Monday) to 7."),
        ("class,weekday,period\n4.a,1,16\n", "Line 2: The period is a number from 0 to 15."),
        ("class,weekday,period\n4.a,1,²\n", "Line 2: The period is a number from 0 to 15."),
        ("class,weekday,period\n4.a,1\n", "Line 2: The period is a number from 0 to 15."),
        ("class,weekday,period\n4.a,1,1\n4.a,1,1\n", "Line 3: The same lesson is already in line 2."),
        ("class,weekday,period\nMatematika 3.a,1,1\n3.a,1,1\n", "Line 3: Its pupils are already busy then, in line 2."),
        ("class,weekday,period\nMatematika 3.a,1,1\n4.a,1,1\n", "Line 3: Its teacher is already busy then, in line 2."),
    ],
)
def test_a_file_with_a_fault_is_refused_by_row_and_changes_nothing(
    with_ids: Structure, teacher: User, tmp_path: Path, text: str | bytes, problem: str
) -> None:
    enrol(with_ids.other, teacher, EnrolmentRole.TEACHER)
    plan(with_ids.maths, 3)

    with pytest.raises(CommandError) as refused:
        import_from(tmp_path, text)

    assert str(refused.value).splitlines() == [problem, "Nothing was changed."]
    assert week(TODAY) == [("Matematika 3.a", 3)]


def test_a_fault_in_the_bells_leaves_the_timetable_as_it_was(with_ids: Structure, tmp_path: Path) -> None:
    bells = tmp_path / "bells.csv"
    bells.write_text(
        "period,begins,ends\n1,08:20,08:20\n2,8 h,9 h\n3,08:00,09:00\n3,08:00,09:00\n4,10:00+02:00,11:00\n"
    )

    with pytest.raises(CommandError) as refused:
        import_from(tmp_path, "class,weekday,period\n4.a,5,1\n", "--bells", str(bells))

    assert str(refused.value).splitlines() == [
        "Line 2: The period ends before it begins.",
        "Line 3: Times are written as 08:20.",
        "Line 5: Period 3 is there twice.",
        "Line 6: Times are written as 08:20.",
        "Nothing was changed.",
    ]
    assert not TimetableEntry.objects.exists()


def test_a_school_that_is_not_there_is_named(tmp_path: Path, school: object) -> None:
    with schema_context("public"), pytest.raises(CommandError, match="no school at the address “nowhere”"):
        call_command("import_timetable", "nowhere", str(tmp_path / "x.csv"))


@pytest.mark.parametrize("subdomain", ["os-reka", "sp-brzozowa", "himnaziia-sosny", "przedszkole-sloneczko"])
def test_the_invented_schools_have_three_to_six_lessons_a_day_and_nobody_is_in_two_places(subdomain: str) -> None:
    make = runpy.run_path(str(TIMETABLES / "make.py"))
    classes, enrolments = make["roster_of"](subdomain)
    with (TIMETABLES / f"{subdomain}.csv").open(encoding="utf-8") as file:
        lessons = [(row["class"], int(row["weekday"]), int(row["period"])) for row in csv.DictReader(file)]
    people: dict[str, set[str]] = defaultdict(set)
    for row in enrolments:
        people[row["classSourcedId"]].add(row["userSourcedId"])
    teachers = {row["userSourcedId"] for row in enrolments if row["role"] == "teacher"}

    busy = [(person, weekday, period) for school_class, weekday, period in lessons for person in people[school_class]]
    a_day: dict[tuple[str, int], int] = defaultdict(int)
    for person, weekday, _period in busy:
        a_day[(person, weekday)] += 1

    assert len(busy) == len(set(busy))
    assert {number for (person, _day), number in a_day.items() if person in teachers} <= {3, 4, 5, 6}
    assert {person for person, _day in a_day} >= teachers
    assert lessons == make["timetable_of"](classes, enrolments, make["times_a_week"](subdomain))


def test_a_class_without_an_id_of_the_roster_is_in_no_file(structure: Structure, tmp_path: Path) -> None:
    SchoolClass.objects.update(sourced_id=None)

    with pytest.raises(CommandError, match="no class with the id"):
        import_from(tmp_path, "class,weekday,period\n,5,1\n")
