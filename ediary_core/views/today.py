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
    """The lessons of the day that is asked for, of today if none is; also the start page of a teacher."""

    action = Action.LESSON_RECORD

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        on = _asked_day(request.GET.get("day", "")) or today
        lessons = lessons_today(teacher=self.person, on=on)
        context = {
            "on": on,
            "is_today": on == today,
            "is_to_come": on > today,
            "previous_day": on - timedelta(days=1),
            "next_day": on + timedelta(days=1),
            "lessons": lessons,
            "recorded": sum(lesson.state is LessonState.RECORDED for lesson in lessons),
            "next_planned_day": None if lessons else next_planned_day(teacher=self.person, after=on),
        }
        return self.page("ediary_core/today.html", context)


def _asked_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_DAY <= day <= _LAST_DAY else None
