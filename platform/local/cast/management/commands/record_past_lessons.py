from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zlib import crc32

from django.utils import timezone

from ediary_core.models import AttendanceStatus, Lesson, TimetableEntry
from ediary_core.selectors.enrolments import pupils_of, teachers_of
from ediary_core.selectors.timetable import bells, planned_on
from ediary_core.services.lessons import record_lesson
from local.cast.acts import SchoolAct
from tenants.schools.models import School

TOPICS = {
    "sl": ("Ponavljanje in utrjevanje", "Nova snov", "Delo v skupinah", "Preverjanje znanja"),
    "pl": ("Powtórzenie wiadomości", "Nowy temat", "Praca w grupach", "Sprawdzenie wiadomości"),
    "uk": ("Повторення вивченого", "Нова тема", "Робота в групах", "Перевірка знань"),
}


class Command(SchoolAct):
    help = "The teachers record the lessons of the last school day, and those of today that are over."

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        today = timezone.localdate()
        recorded = sum(self.record(entry, day, school) for day in _days(today) for entry in planned_on(day))
        return {"recorded": recorded}

    def record(self, entry: TimetableEntry, day: date, school: School) -> int:
        """1 for a lesson that is recorded now; 0 where it was already, or nobody teaches it, or it is not over."""
        teacher = entry.teacher or teachers_of(school_class=entry.school_class, on=day).first()
        known = Lesson.objects.filter(school_class=entry.school_class, held_on=day, period=entry.period)
        if teacher is None or known.exists() or not _is_over(entry, day):
            return 0
        topics = TOPICS[school.languages[0]]
        record_lesson(
            teacher=teacher,
            school_class=entry.school_class,
            held_on=day,
            period=entry.period,
            topic=topics[_dice(f"{entry.school_class_id}{day}{entry.period}") % len(topics)],
            attendance=_attendance(entry, day),
            today=timezone.localdate(),
            is_substitution=entry.teacher is not None,
        )
        return 1


def _days(today: date) -> list[date]:
    earlier = (today - timedelta(days=number) for number in range(1, 8))
    last = next((day for day in earlier if planned_on(day).exists()), None)
    return [last, today] if last else [today]


def _is_over(entry: TimetableEntry, day: date) -> bool:
    now = timezone.localtime()
    bell = bells().get(entry.period)
    return day < now.date() or (bell is not None and bell.ends_at < now.time())


def _attendance(entry: TimetableEntry, day: date) -> Mapping[UUID, AttendanceStatus]:
    """Most are there; the same few are absent the whole day, and somebody is late for the first lesson."""
    return {
        pupil.pk: _status(_dice(f"{pupil.sourced_id}{day}"), entry.period)
        for pupil in pupils_of(school_class=entry.school_class, on=day)
    }


def _status(dice: int, period: int) -> AttendanceStatus:
    if dice % 25 == 0:
        return AttendanceStatus.ABSENT
    return AttendanceStatus.LATE if dice % 25 == 1 and period <= 1 else AttendanceStatus.PRESENT


def _dice(seed: str) -> int:
    """The same on every machine."""
    return crc32(seed.encode())
