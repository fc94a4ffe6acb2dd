"""The lessons of a day, and recording one with the attendance of the whole class."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import FilterSet, NumberFilter, UUIDFilter  # type: ignore[import-untyped]
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ediary_core.models import AttendanceStatus, Lesson, SchoolClass
from ediary_core.selectors.lessons import lessons_for
from ediary_core.selectors.recorded_lesson import lesson_for
from ediary_core.services.lessons import (
    AttendanceMismatch,
    LessonAlreadyRecorded,
    LessonOutsideTerm,
    NotTeacherOfClass,
    record_lesson,
)
from tenants.access import Action, Scope
from tenants.api.door import ApiDoor, etag_of
from tenants.api.lists import ON, ListDoor, day_in
from tenants.api.problems import Fault, Invalid, Kind, Refusal

LAST_PERIOD = 15
MOST_PUPILS = 200


class LessonAnswer(serializers.ModelSerializer[Lesson]):
    class_id = serializers.UUIDField(source="school_class_id")
    class_title = serializers.CharField(source="school_class.title")
    subject = serializers.CharField(source="school_class.subject.title", allow_null=True, default=None)
    teacher = serializers.CharField(source="teacher.full_name")

    class Meta:
        model = Lesson
        fields = [
            "id",
            "class_id",
            "class_title",
            "subject",
            "teacher",
            "held_on",
            "period",
            "topic",
            "is_substitution",
            "recorded_at",
        ]
        read_only_fields = fields


class AttendanceEntry(serializers.Serializer[Any]):
    pupil_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=AttendanceStatus.choices)


class NewLesson(serializers.Serializer[Any]):
    class_id = serializers.UUIDField()
    held_on = serializers.DateField()
    period = serializers.IntegerField(min_value=0, max_value=LAST_PERIOD, help_text="0 is the one before the first.")
    topic = serializers.CharField(max_length=255)
    is_substitution = serializers.BooleanField(default=False, help_text="In a colleague's stead.")
    attendance = serializers.ListField(
        child=AttendanceEntry(), max_length=MOST_PUPILS, help_text="Every pupil of the class, once."
    )

    def validate_attendance(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({entry["pupil_id"] for entry in entries}) != len(entries):
            raise serializers.ValidationError(_("A pupil is named twice."))
        return entries


class LessonFilters(FilterSet):  # type: ignore[misc]
    class_id = UUIDFilter(field_name="school_class", help_text="Lessons of one class.")
    period = extend_schema_field({"type": "integer", "minimum": 0, "maximum": LAST_PERIOD})(
        NumberFilter(field_name="period", min_value=0, max_value=LAST_PERIOD, help_text="The number in the day.")
    )

    class Meta:
        model = Lesson
        fields = ["class_id", "period"]


class Lessons(ListDoor):
    action = Action.LESSON_VIEW
    write_action = Action.LESSON_RECORD
    queryset = Lesson.objects.none()
    serializer_class = LessonAnswer
    filterset_class = LessonFilters
    problems = {"post": {"409": "The class has a lesson with this number on this day already."}}

    @extend_schema(operation_id="list_lessons", parameters=[ON])
    def get(self, request: Request) -> Response:
        """The lessons that were recorded for a day, in its order."""
        return self.listed(lessons_for(person=self.person, scope=self.reach, on=day_in(request)))

    @extend_schema(
        operation_id="record_lesson",
        request=NewLesson,
        responses={201: LessonAnswer},
        parameters=[
            OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201], description="The new lesson."),
            OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[201], description="RFC 9110."),
        ],
    )
    def post(self, request: Request) -> Response:
        """Record a lesson with the attendance of every pupil. Sent twice, it is recorded once: the second answer is
        409."""
        # It holds both, and a school may have narrowed one of them.
        if self.access.reach(Action.ATTENDANCE_RECORD) is Scope.NONE:
            raise Http404
        given = NewLesson(data=request.data)
        given.is_valid(raise_exception=True)
        lesson = self._record(given.validated_data)
        data = LessonAnswer(lesson).data
        place = reverse("api-lesson", kwargs={"lesson_id": lesson.pk})
        return Response(data, status=201, headers={"Location": place, "ETag": etag_of(data)})

    def _record(self, given: dict[str, Any]) -> Lesson:
        stranger = Fault(
            _("You teach no such class on that day. In a colleague's stead, set is_substitution."), pointer="/class_id"
        )
        school_class = SchoolClass.objects.select_related("subject").filter(pk=given["class_id"]).first()
        if school_class is None:
            raise Invalid(stranger)
        try:
            return record_lesson(
                teacher=self.person,
                school_class=school_class,
                held_on=given["held_on"],
                period=given["period"],
                topic=given["topic"],
                attendance={entry["pupil_id"]: AttendanceStatus(entry["status"]) for entry in given["attendance"]},
                today=timezone.localdate(),
                is_substitution=given["is_substitution"],
            )
        except NotTeacherOfClass as error:
            raise Invalid(stranger) from error
        except LessonOutsideTerm as error:
            raise Invalid(Fault(_("The class does not meet on this day."), pointer="/held_on")) from error
        except AttendanceMismatch as mismatch:
            raise Invalid(*_faults_of(mismatch, given["attendance"])) from mismatch
        except LessonAlreadyRecorded as error:
            raise Refusal(Kind.LESSON_ALREADY_RECORDED, status_code=409) from error


class OneLesson(ApiDoor):
    action = Action.LESSON_VIEW

    @extend_schema(operation_id="read_lesson", responses=LessonAnswer)
    def get(self, request: Request, lesson_id: UUID) -> Response:
        """One lesson."""
        return Response(LessonAnswer(found_lesson(self, lesson_id)).data)


def found_lesson(door: ApiDoor, lesson_id: UUID) -> Lesson:
    """The recorded lesson, if it lies within the door's reach: a secretary sees attendance, and no topics."""
    lesson = lesson_for(person=door.person, scope=door.reach, lesson_id=lesson_id)
    if lesson is None:
        raise Http404
    return lesson


def _faults_of(mismatch: AttendanceMismatch, entries: list[dict[str, Any]]) -> list[Fault]:
    strangers = [
        Fault(_("This pupil is not in the class on that day."), pointer=f"/attendance/{number}/pupil_id")
        for number, entry in enumerate(entries)
        if entry["pupil_id"] in mismatch.strangers
    ]
    if not mismatch.missing:
        return strangers
    missing = _("%(count)s pupils of the class are missing.") % {"count": len(mismatch.missing)}
    return [Fault(missing, pointer="/attendance"), *strangers]
