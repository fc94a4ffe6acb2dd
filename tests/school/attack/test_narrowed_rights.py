"""A school narrowed a right (ACC-2): no other way to the same thing may be left open."""

from collections.abc import Callable
from uuid import UUID

from django.urls import reverse

from ediary_core.models import Lesson, LessonChange
from tenants.access import Action, Role, Scope
from tenants.people.models import ScopeOverride, User
from tenants.schools.models import School
from tests.school.api.conftest import Caller, Diary, calling, diary, live  # noqa: F401
from tests.school.conftest import enter
from tests.school.opt_in.conftest import propose  # noqa: F401
from tests.school.visitors import Visitor


def narrow(action: Action, role: Role) -> None:
    ScopeOverride.objects.create(action=action.value, role=role.value, scope=Scope.NONE.value)


def test_whoever_may_not_record_attendance_records_none_through_the_api(
    calling: Callable[[User | None], Caller],  # noqa: F811
    diary: Diary,  # noqa: F811
    teacher: User,
) -> None:
    narrow(Action.ATTENDANCE_RECORD, Role.TEACHER)
    entries = [{"pupil_id": str(pupil.pk), "status": "present"} for pupil in (diary.pia, diary.jaka)]
    body = {
        "class_id": str(diary.maths.pk),
        "held_on": diary.today.isoformat(),
        "period": 5,
        "topic": "Past the matrix",
        "attendance": entries,
    }

    answer = calling(teacher).send("POST", "lessons", body)

    assert answer.status_code == 404
    assert not Lesson.objects.filter(period=5).exists()


def test_whoever_may_not_record_attendance_begins_no_lesson(school: School, diary: Diary, teacher: User) -> None:  # noqa: F811
    narrow(Action.ATTENDANCE_RECORD, Role.TEACHER)
    page = Visitor(school, teacher)
    form = {"school_class": str(diary.maths.pk), "held_on": diary.today.isoformat(), "period": "5"}

    assert page.get(reverse("lesson-begin")).status_code == 404
    assert page.post(reverse("lesson-begin"), form).status_code == 404
    assert not Lesson.objects.filter(period=5).exists()
    assert not LessonChange.objects.filter(lesson__period=5).exists()


def test_whoever_may_not_see_people_sees_none_on_a_classs_page(school: School, diary: Diary, teacher: User) -> None:  # noqa: F811
    narrow(Action.PERSON_VIEW, Role.TEACHER)

    content = Visitor(school, teacher).get(reverse("class", args=[diary.maths.pk])).content.decode()

    assert "No pupils to show" in content
    assert "Pia" not in content


def test_a_deputy_who_may_not_see_marketing_sees_none_on_the_start_page(
    school: School,
    director: User,
    propose: Callable[..., UUID],  # noqa: F811
) -> None:
    campaign_id = propose()
    deputy = enter("dana", Role.DEPUTY)
    narrow(Action.MARKETING_VIEW, Role.DEPUTY)

    content = Visitor(school, deputy).get(reverse("home")).content.decode()

    assert str(campaign_id) not in content
    assert reverse("offers") not in content
    assert 'id="decisions"' not in content


def test_a_deputy_who_may_not_see_the_timeline_sees_none_on_the_start_page(
    school: School,
    director: User,
    propose: Callable[..., UUID],  # noqa: F811
) -> None:
    propose()
    deputy = enter("dana", Role.DEPUTY)
    narrow(Action.TIMELINE_VIEW, Role.DEPUTY)

    answer = Visitor(school, deputy).get(reverse("home"))

    assert answer.status_code == 200
    assert 'id="reached"' not in answer.content.decode()
    assert reverse("timeline") not in answer.content.decode()


def test_whoever_lost_the_right_that_the_start_page_needs_still_arrives_somewhere(
    school: School, teacher: User
) -> None:
    narrow(Action.LESSON_RECORD, Role.TEACHER)

    answer = Visitor(school, teacher).get(reverse("home"), follow=True)

    assert (answer.status_code, answer.request["PATH_INFO"]) == (200, reverse("account"))
