from datetime import date

from django.db.models import Exists, Q, QuerySet

from ediary_core.models import Attendance, EnrolmentRole, Lesson
from ediary_core.selectors.classes import classes_for
from ediary_core.selectors.enrolments import enrolments_on, pupils_led_by
from tenants.access import Scope
from tenants.people.models import Guardianship, User


def lessons_for(*, person: User, scope: Scope, on: date) -> QuerySet[Lesson]:
    """The lessons recorded for a day in the classes within the scope, and those that the person gave in a colleague's
    stead, in the order of the day."""
    reached = Q(school_class__in=classes_for(person=person, scope=scope, on=on))
    if scope is not Scope.NONE:
        reached |= Q(teacher=person)
    return (
        Lesson.objects.filter(reached, held_on=on, recorded_at__isnull=False)
        .select_related("school_class__subject", "teacher")
        .order_by("period", "school_class__title", "id")
    )


def attendance_for(*, person: User, scope: Scope, lesson: Lesson) -> QuerySet[Attendance]:
    """The attendance of a lesson within the scope: OWN all of it to the lesson's teacher and whoever teaches the class,
    and one's own line to a pupil, CHILD also the lines of one's children, CLASS also those of the pupils one leads,
    SCHOOL all of it."""
    lines = Attendance.objects.filter(lesson=lesson).select_related("pupil")
    if scope is Scope.NONE:
        return lines.none()
    if scope is not Scope.SCHOOL and lesson.teacher_id != person.pk:
        teaching = enrolments_on(lesson.held_on).filter(
            person=person, role=EnrolmentRole.TEACHER, school_class=lesson.school_class_id
        )
        reached = Q(pupil=person) | Q(Exists(teaching))
        if scope >= Scope.CHILD:
            reached |= Q(pupil__in=Guardianship.objects.filter(guardian=person, is_active=True).values("pupil"))
        if scope >= Scope.CLASS:
            reached |= Q(pupil__in=pupils_led_by(person=person, on=lesson.held_on).values("person"))
        lines = lines.filter(reached)
    return lines.order_by("pupil__family_name", "pupil__given_name", "pupil")
