"""Lessons and attendance through the API: the same reach as on the pages, recorded once, corrected after a look."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test.utils import CaptureQueriesContext

from ediary_core.models import Attendance, Lesson
from tenants.access import Role
from tenants.backend.current import connection
from tenants.people.models import RoleAssignment, User
from tests.school.api.conftest import Caller, Diary
from tests.school.conftest import enter

Calling = Callable[[User | None], Caller]


def new_lesson(diary: Diary, **changes: object) -> dict[str, object]:
    lines = [{"pupil_id": str(person.pk), "status": "present"} for person in (diary.pia, diary.jaka)]
    given = {
        "class_id": str(diary.maths.pk),
        "held_on": diary.today.isoformat(),
        "period": 3,
        "topic": "Decimalna števila",
        "attendance": lines,
    }
    return {**given, **changes}


def test_a_guardian_reads_the_own_child_and_no_other(calling: Calling, diary: Diary, guardian: User) -> None:
    gaja = calling(guardian)

    lessons = gaja.get("lessons").json()["items"]
    lines = gaja.get(f"lessons/{lessons[0]['id']}/attendance").json()["items"]

    assert [(lesson["subject"], lesson["topic"], lesson["teacher"]) for lesson in lessons] == [
        ("Matematika", "Ulomki", "Tomaz Novak")
    ]
    assert [(line["pupil"], line["status"]) for line in lines] == [("Pia Novak", "present")]
    assert gaja.get(f"lessons/{diary.lesson.pk}/attendance/{diary.jaka.pk}").status_code == 404


def test_a_guardian_of_nobody_there_sees_no_lesson(calling: Calling, diary: Diary) -> None:
    other = calling(enter("bor", Role.GUARDIAN))

    assert other.get("lessons").json()["items"] == []
    assert other.get(f"lessons/{diary.lesson.pk}").status_code == 404
    assert other.get(f"lessons/{diary.lesson.pk}/attendance").status_code == 404


def test_lessons_are_found_by_day_class_and_period(calling: Calling, diary: Diary, teacher: User) -> None:
    tomaz = calling(teacher)

    def found(query: str) -> int:
        return len(tomaz.get(f"lessons?{query}").json()["items"])

    assert found(f"on={diary.today}&class_id={diary.maths.pk}&period=2") == 1
    assert found("period=3") == 0
    assert found("on=2020-01-01") == 0
    assert found(f"class_id={uuid4()}") == 0


@pytest.mark.parametrize("query", ["on=yesterday", "on=2026-02-31", "period=x", "class_id=7", "limit=0", "offset=-1"])
def test_a_parameter_that_does_not_fit_is_named(calling: Calling, diary: Diary, teacher: User, query: str) -> None:
    answer = calling(teacher).get(f"lessons?{query}")

    assert answer.status_code == 400
    assert [fault["parameter"] for fault in answer.json()["errors"]] == [query.partition("=")[0]]


def test_a_teacher_records_a_lesson_and_is_told_where_it_is(calling: Calling, diary: Diary, teacher: User) -> None:
    tomaz = calling(teacher)

    answer = tomaz.send("POST", "lessons", new_lesson(diary))

    assert answer.status_code == 201
    lesson = Lesson.objects.get(period=3)
    assert answer.headers["Location"] == f"/api/v1/lessons/{lesson.pk}"
    read = tomaz.get(f"lessons/{lesson.pk}")
    assert read.json() == answer.json()
    assert read.headers["ETag"] == answer.headers["ETag"]


def test_a_lesson_sent_twice_is_recorded_once(calling: Calling, diary: Diary, teacher: User) -> None:
    tomaz = calling(teacher)
    tomaz.send("POST", "lessons", new_lesson(diary))

    again = tomaz.send("POST", "lessons", new_lesson(diary, topic="Nekaj drugega"))

    assert again.status_code == 409
    assert again.json()["type"] == "/api/#lesson-already-recorded"
    assert Lesson.objects.get(period=3).topic == "Decimalna števila"
    assert Attendance.objects.filter(lesson__period=3).count() == 2


def test_what_does_not_fit_is_pointed_at_and_nothing_is_recorded(
    calling: Calling, diary: Diary, teacher: User, director: User
) -> None:
    tomaz = calling(teacher)
    pia = {"pupil_id": str(diary.pia.pk), "status": "present"}

    def pointers(**changes: object) -> list[str]:
        answer = tomaz.send("POST", "lessons", new_lesson(diary, **changes))
        assert answer.status_code == 400
        return [fault["pointer"] for fault in answer.json()["errors"]]

    assert pointers(topic=" ", period=99) == ["/period", "/topic"]
    assert pointers(class_id=str(uuid4())) == ["/class_id"]
    assert pointers(held_on="1990-01-01") == ["/held_on"]
    assert pointers(attendance=[pia, pia]) == ["/attendance"]
    assert pointers(attendance=[pia]) == ["/attendance"]
    assert pointers(attendance=[{**pia, "status": "asleep"}]) == ["/attendance/0/status"]
    stranger = {"pupil_id": str(director.pk), "status": "present"}
    assert pointers(attendance=[*new_lesson(diary)["attendance"], stranger]) == ["/attendance/2/pupil_id"]  # type: ignore[misc]
    assert Lesson.objects.count() == 1


def test_nobody_else_records_a_lesson(calling: Calling, diary: Diary, guardian: User, pupil: User) -> None:
    colleague = calling(enter("vida", Role.TEACHER))

    assert [fault["pointer"] for fault in colleague.send("POST", "lessons", new_lesson(diary)).json()["errors"]] == [
        "/class_id"
    ]
    assert colleague.send("POST", "lessons", new_lesson(diary, is_substitution=True)).status_code == 201
    assert [lesson["period"] for lesson in colleague.get("lessons").json()["items"]] == [3], (
        "What one gave is one's own."
    )
    for person in (guardian, pupil):
        assert calling(person).send("POST", "lessons", new_lesson(diary, period=4)).status_code == 404
    assert not Lesson.objects.filter(period=4).exists()


def test_attendance_is_corrected_by_whoever_has_seen_it(calling: Calling, diary: Diary, teacher: User) -> None:
    tomaz = calling(teacher)
    place = f"lessons/{diary.lesson.pk}/attendance/{diary.jaka.pk}"
    seen = tomaz.get(place).headers["ETag"]

    unseen = tomaz.send("PATCH", place, {"status": "excused"})
    first = tomaz.send("PATCH", place, {"status": "excused"}, **{"if-match": seen})
    late = tomaz.send("PATCH", place, {"status": "ill"}, **{"if-match": seen})

    assert [answer.status_code for answer in (unseen, first, late)] == [428, 200, 412]
    assert first.headers["ETag"] == tomaz.get(place).headers["ETag"] != seen
    assert Attendance.objects.get(pupil=diary.jaka).status == "excused"


def test_a_correction_takes_hold_of_the_lesson_first(calling: Calling, diary: Diary, teacher: User) -> None:
    """As the lesson page does: whoever held the line first would wait for the page, and the page for the line."""
    tomaz = calling(teacher)
    place = f"lessons/{diary.lesson.pk}/attendance/{diary.jaka.pk}"

    with CaptureQueriesContext(connection) as queries:
        answer = tomaz.send("PATCH", place, {"status": "excused"}, **{"if-match": "*"})

    held = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert answer.status_code == 200
    assert all('FROM "ediary_core_lesson"' in sql for sql in held)
    assert held


def test_a_leader_corrects_the_class_that_is_led_and_not_the_own_child(
    calling: Calling, diary: Diary, guardian: User
) -> None:
    """Gaja leads another class, and Pia is her daughter: she reads Pia's line, as a mother, and cannot change it."""
    RoleAssignment.objects.create(user=guardian, role=Role.HOMEROOM, since=diary.today)
    gaja = calling(guardian)
    place = f"lessons/{diary.lesson.pk}/attendance/{diary.pia.pk}"

    assert gaja.get(place).status_code == 200
    assert gaja.send("PATCH", place, {"status": "ill"}, **{"if-match": "*"}).status_code == 404
    assert Attendance.objects.get(pupil=diary.pia).status == "present"


def test_a_class_shows_its_pupils_as_far_as_one_may_see_them(
    calling: Calling, diary: Diary, teacher: User, guardian: User, director: User
) -> None:
    def names(person: User) -> list[str]:
        return [pupil["name"] for pupil in calling(person).get(f"classes/{diary.maths.pk}/pupils").json()["items"]]

    assert names(teacher) == names(director) == ["Jaka Novak", "Pia Novak"]
    assert names(guardian) == ["Pia Novak"]
    assert calling(teacher).get(f"classes/{diary.maths.pk}").json()["title"] == "Matematika 3.a"
    assert calling(enter("bor", Role.GUARDIAN)).get(f"classes/{diary.maths.pk}").status_code == 404
