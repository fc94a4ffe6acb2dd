from uuid import UUID

from django.db.models import QuerySet

from ediary_core.models import Attendance, Lesson
from ediary_core.selectors.enrolments import pupils_led_by
from ediary_core.selectors.lessons import lessons_for
from ediary_core.selectors.timetable import teaches
from tenants.access import Scope
from tenants.people.models import User


def lesson_for(*, person: User, scope: Scope, lesson_id: UUID) -> Lesson | None:
    """A recorded lesson, if it lies within the scope; one that a teacher gave stays within their own."""
    lessons = Lesson.objects.select_related("school_class__subject", "teacher").filter(recorded_at__isnull=False)
    lesson = lessons.filter(pk=lesson_id).first()
    if lesson is None or scope is Scope.NONE:
        return None
    if scope is Scope.SCHOOL or lesson.teacher_id == person.pk:
        return lesson
    return lesson if lessons_for(person=person, scope=scope, on=lesson.held_on).filter(pk=lesson_id).exists() else None


def attendance_to_correct(*, person: User, scope: Scope, lesson: Lesson) -> QuerySet[Attendance]:
    """The lines that somebody may correct: OWN those of lessons one gave or whose class one teaches, CLASS also those
    of the pupils one leads, SCHOOL all. Being a guardian or a pupil adds none, whatever else one is at the school."""
    lines = Attendance.objects.filter(lesson=lesson).select_related("pupil")
    if scope is Scope.NONE:
        return lines.none()
    own = lesson.teacher_id == person.pk or teaches(person=person, school_class=lesson.school_class, on=lesson.held_on)
    if scope is Scope.SCHOOL or own:
        return lines
    if scope >= Scope.CLASS:
        return lines.filter(pupil__in=pupils_led_by(person=person, on=lesson.held_on).values("person"))
    return lines.none()
