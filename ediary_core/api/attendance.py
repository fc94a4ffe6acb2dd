"""Who was there: the attendance of a lesson, and correcting one pupil's line of it."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ediary_core.api.lessons import found_lesson
from ediary_core.models import Attendance, AttendanceStatus
from ediary_core.selectors.lessons import attendance_for
from ediary_core.selectors.recorded_lesson import attendance_to_correct
from ediary_core.services.lessons import change_attendance, hold_lesson
from tenants.access import Action
from tenants.api.door import ApiDoor, etag_of, require_unchanged
from tenants.api.lists import ListDoor


class AttendanceAnswer(serializers.ModelSerializer[Attendance]):
    pupil_id = serializers.UUIDField()
    pupil = serializers.CharField(source="pupil.full_name")
    status = serializers.ChoiceField(choices=AttendanceStatus.choices)
    label = serializers.CharField(  # type: ignore[assignment]
        source="get_status_display", help_text="The status in the caller's language."
    )

    class Meta:
        model = Attendance
        fields = ["pupil_id", "pupil", "status", "label"]
        read_only_fields = fields


class Correction(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=AttendanceStatus.choices)


class AttendanceOfLesson(ListDoor):
    action = Action.ATTENDANCE_VIEW
    queryset = Attendance.objects.none()
    serializer_class = AttendanceAnswer

    @extend_schema(operation_id="list_attendance")
    def get(self, request: Request, lesson_id: UUID) -> Response:
        """The attendance of a lesson, as far as you may see it: a guardian sees only their own children."""
        lesson = found_lesson(self, lesson_id)
        return self.listed(attendance_for(person=self.person, scope=self.reach, lesson=lesson))


class AttendanceOfPupil(ApiDoor):
    action = Action.ATTENDANCE_VIEW
    write_action = Action.ATTENDANCE_RECORD
    problems = {
        "patch": {
            "412": "The line has changed since you read it.",
            "428": "If-Match is missing: send the ETag of the line that you have read.",
        }
    }

    @extend_schema(operation_id="read_attendance", responses=AttendanceAnswer)
    def get(self, request: Request, lesson_id: UUID, pupil_id: UUID) -> Response:
        """One pupil's line of a lesson. Its ETag is what a correction needs."""
        lesson = found_lesson(self, lesson_id)
        line = attendance_for(person=self.person, scope=self.reach, lesson=lesson).filter(pupil=pupil_id).first()
        if line is None:
            raise Http404
        return Response(AttendanceAnswer(line).data)

    @extend_schema(
        operation_id="correct_attendance",
        request=Correction,
        responses=AttendanceAnswer,
        parameters=[
            OpenApiParameter(
                "If-Match", str, OpenApiParameter.HEADER, description="The ETag of the line that you have read."
            ),
            OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200], description="RFC 9110."),
        ],
    )
    def patch(self, request: Request, lesson_id: UUID, pupil_id: UUID) -> Response:
        """Correct one pupil's line. What it said before stays in the lesson's history."""
        lesson = found_lesson(self, lesson_id)
        reached = attendance_to_correct(person=self.person, scope=self.reach, lesson=lesson).filter(pupil=pupil_id)
        given = Correction(data=request.data)
        with transaction.atomic():
            # Held, so that what If-Match is compared with is what is changed.
            hold_lesson(lesson)
            line = reached.first()
            if line is None:
                raise Http404
            given.is_valid(raise_exception=True)
            require_unchanged(request, etag=etag_of(AttendanceAnswer(line).data))
            status = AttendanceStatus(given.validated_data["status"])
            change_attendance(lesson=lesson, pupil=line.pupil, status=status, by=self.person)
        line.status = status
        data = AttendanceAnswer(line).data
        return Response(data, headers={"ETag": etag_of(data)})
