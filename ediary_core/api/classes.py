"""The classes of a day, and who is in them."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django_filters import ChoiceFilter, FilterSet  # type: ignore[import-untyped]
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ediary_core.models import ClassKind, SchoolClass
from ediary_core.selectors.class_lists import pupils_for
from ediary_core.selectors.classes import classes_for
from tenants.access import Action
from tenants.api.door import ApiDoor
from tenants.api.lists import ON, ListDoor, day_in
from tenants.people.models import User


class ClassAnswer(serializers.ModelSerializer[SchoolClass]):
    subject = serializers.CharField(source="subject.title", allow_null=True, default=None, help_text="What is taught.")

    class Meta:
        model = SchoolClass
        fields = ["id", "title", "code", "kind", "grades", "location", "subject", "school_year", "begins_on", "ends_on"]
        read_only_fields = fields


class PersonAnswer(serializers.ModelSerializer[User]):
    name = serializers.CharField(source="full_name")

    class Meta:
        model = User
        fields = ["id", "name"]
        read_only_fields = fields


class ClassFilters(FilterSet):  # type: ignore[misc]
    kind = ChoiceFilter(choices=ClassKind.choices, help_text="A led class or group, or a subject in one.")

    class Meta:
        model = SchoolClass
        fields = ["kind"]


class Classes(ListDoor):
    action = Action.CLASS_VIEW
    queryset = SchoolClass.objects.none()
    serializer_class = ClassAnswer
    filterset_class = ClassFilters

    @extend_schema(operation_id="list_classes", parameters=[ON])
    def get(self, request: Request) -> Response:
        """The classes of a day that you may see: those you teach, attend or lead, those of your children, or all."""
        found = classes_for(person=self.person, scope=self.reach, on=day_in(request))
        return self.listed(found.select_related("subject"))


class PupilsOfClass(ListDoor):
    action = Action.PERSON_VIEW
    queryset = User.objects.none()
    serializer_class = PersonAnswer

    @extend_schema(operation_id="list_pupils_of_class", parameters=[ON])
    def get(self, request: Request, class_id: UUID) -> Response:
        """The pupils of a class on a day, as far as you may see them: a guardian sees only their own children."""
        on = day_in(request)
        reached = classes_for(person=self.person, scope=self.access.reach(Action.CLASS_VIEW), on=on)
        school_class = reached.filter(pk=class_id).first()
        if school_class is None:
            raise Http404
        return self.listed(pupils_for(person=self.person, scope=self.reach, school_class=school_class, on=on))


class OneClass(ApiDoor):
    action = Action.CLASS_VIEW

    @extend_schema(operation_id="read_class", parameters=[ON], responses=ClassAnswer)
    def get(self, request: Request, class_id: UUID) -> Response:
        """One class."""
        found: Any = classes_for(person=self.person, scope=self.reach, on=day_in(request)).select_related("subject")
        school_class = found.filter(pk=class_id).first()
        if school_class is None:
            raise Http404
        return Response(ClassAnswer(school_class).data)
