"""The start page of guardians and pupils: a card per child with the day so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from ediary_core.models import AttendanceStatus
from ediary_core.selectors.homerooms import homerooms_of
from ediary_core.selectors.next_lessons import next_days_of
from ediary_core.selectors.today import ChildDay, ChildLesson, child_days
from opt_in.selectors.consents import Consents, consents_for
from opt_in.views.consents import LATER
from tenants.access import Action, Role, Scope
from tenants.doors import Door
from tenants.people.models import User
from tenants.people.selectors.contacts import can_be_reached
from tenants.people.selectors.guardianships import wards_of


@dataclass(frozen=True, slots=True)
class ChildCard:
    """`day` is None where the school shows no lessons to this reader; `next_day` is there for a day without any."""

    pupil: User
    class_title: str
    day: ChildDay | None
    shows_attendance: bool
    next_day: date | None = None

    @property
    def lessons(self) -> Sequence[ChildLesson]:
        return self.day.lessons if self.day else ()

    @property
    def recorded(self) -> int:
        return sum(lesson.attendance is not None for lesson in self.lessons)

    @property
    def absences(self) -> int:
        return self.day.absences if self.day and self.shows_attendance else 0

    @property
    def late(self) -> int:
        late = {AttendanceStatus.LATE, AttendanceStatus.LATE_EXCUSED}
        return sum(lesson.attendance in late for lesson in self.lessons) if self.shows_attendance else 0


def guardian_home(door: Door) -> HttpResponse:
    """For a guardian the children's cards, for a pupil their own; the number of children adds no query."""
    is_guardian = Role.GUARDIAN in door.access.roles
    if is_guardian:
        pupils = [ward.pupil for ward in wards_of(door.person) if ward.pupil.is_active]
    else:
        pupils = [door.person] if Role.PUPIL in door.access.roles else []
    needed = Scope.CHILD if is_guardian else Scope.OWN
    today = timezone.localdate()
    shows_lessons = door.access.reach(Action.LESSON_VIEW) >= needed
    days = child_days(pupils=pupils, on=today) if shows_lessons else {}
    free = [pupil for pupil in pupils if pupil.pk in days and not days[pupil.pk].lessons]
    next_days = next_days_of(pupils=free, after=today) if free else {}
    classes = homerooms_of(pupils=pupils, on=today)
    cards = [
        ChildCard(
            pupil=pupil,
            class_title=classes.get(pupil.pk, ""),
            day=days.get(pupil.pk),
            shows_attendance=door.access.reach(Action.ATTENDANCE_VIEW) >= needed,
            next_day=next_days.get(pupil.pk),
        )
        for pupil in pupils
    ]
    question = _question_for(door)
    return door.page(
        "portal/guardian_home.html",
        {
            "cards": cards,
            "today": today,
            "is_guardian": is_guardian,
            "is_reached": not is_guardian or can_be_reached(door.person),
            "question": question,
            "notice": question.notice_in(get_language() or "en") if question else None,
        },
    )


def _question_for(door: Door) -> Consents | None:
    """The one question about offers, as long as it is open; put off, it waits for the next login."""
    if door.access.reach(Action.CONSENT_GIVE) is Scope.NONE or door.request.session.get(LATER):
        return None
    consents = consents_for(door.person)
    return consents if consents.is_question_open else None
