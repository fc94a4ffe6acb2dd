"""A teacher's day."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ediary_core.selectors.timetable import next_planned_day
from ediary_core.selectors.today import LessonState, lessons_today
from tenants.access import Action
from tenants.doors import Door

# No school's diary reaches further; the calendar itself ends in 9999.
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)


class Today(Door):
    action = Action.LESSON_RECORD

    def get(self, request: HttpRequest) -> HttpResponse:
        return show_day(self, _asked_day(request.GET.get("day", "")))


def show_day(door: Door, day: date | None = None) -> HttpResponse:
    """The lessons of a day, of today if none is named; also the start page of a teacher."""
    today = timezone.localdate()
    on = day or today
    lessons = lessons_today(teacher=door.person, on=on)
    recorded = sum(lesson.state is LessonState.RECORDED for lesson in lessons)
    context = {
        "on": on,
        "is_today": on == today,
        "is_to_come": on > today,
        "previous_day": on - timedelta(days=1),
        "next_day": on + timedelta(days=1),
        "lessons": lessons,
        "recorded": recorded,
        "left": len(lessons) - recorded,
        "next_planned_day": None if lessons else next_planned_day(teacher=door.person, after=on),
    }
    return door.page("ediary_core/today.html", context)


def _asked_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_DAY <= day <= _LAST_DAY else None
