"""The API: a class that the teacher teaches, the homeroom teacher leads and the pupil attends, with one lesson."""

from datetime import timedelta

from django.utils import timezone

from ediary_core.models import AttendanceStatus, ClassKind, Enrolment, EnrolmentRole, Lesson, SchoolClass
from ediary_core.services.lessons import record_lesson
from notifications.kinds import SchoolMessage
from notifications.services import notify
from tenants.access import Role
from tenants.identity import new_id
from tenants.people.services.tokens import make_token
from tests.school.access.routes.cast import Cast, Routes


def lesson_of(cast: Cast) -> Lesson:
    """Recorded today, by the teacher."""
    today = timezone.localdate()
    school_class = SchoolClass.objects.create(
        title="3.a",
        kind=ClassKind.HOMEROOM,
        school_year=today.year,
        begins_on=today - timedelta(days=60),
        ends_on=today + timedelta(days=60),
    )
    for person, role, leads in (
        (cast.teacher, EnrolmentRole.TEACHER, False),
        (cast.people[Role.HOMEROOM], EnrolmentRole.TEACHER, True),
        (cast.pupil, EnrolmentRole.PUPIL, False),
    ):
        Enrolment.objects.create(school_class=school_class, person=person, role=role, is_primary=leads)
    return record_lesson(
        teacher=cast.teacher,
        school_class=school_class,
        held_on=today,
        period=1,
        topic="Ulomki",
        attendance={cast.pupil.pk: AttendanceStatus.PRESENT},
        today=today,
    )


def _message(cast: Cast) -> dict[str, object]:
    trip = SchoolMessage(subject="Izlet", body="Zberemo se ob osmih.")
    return {"message_id": notify(kind="school.message", recipient=cast.guardian.id, parameters=trip)}


def _token(cast: Cast) -> dict[str, object]:
    token, _secret = make_token(person=cast.guardian, token_id=new_id(), name="Koledar", days=30)
    return {"token_id": token.pk}


ROUTES: Routes = {
    "api-class": lambda cast: {"class_id": lesson_of(cast).school_class_id},
    "api-pupils": lambda cast: {"class_id": lesson_of(cast).school_class_id},
    "api-lesson": lambda cast: {"lesson_id": lesson_of(cast).pk},
    "api-attendance": lambda cast: {"lesson_id": lesson_of(cast).pk},
    "api-attendance-of": lambda cast: {"lesson_id": lesson_of(cast).pk, "pupil_id": cast.pupil.pk},
    "api-consent": lambda _cast: {"channel": "email"},
    "api-message": _message,
    "api-why": _message,
    "token-revoke": _token,
}
