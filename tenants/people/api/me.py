"""Who the caller is: where a program begins."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.access import Action, Role
from tenants.api.door import ApiDoor
from tenants.people.models import Relation
from tenants.people.selectors.guardianships import wards_of


class SchoolAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    country = serializers.CharField()
    time_zone = serializers.CharField()


class ChildAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="pupil_id")
    name = serializers.CharField(source="pupil.full_name")
    relation = serializers.ChoiceField(choices=Relation.choices)


class MeAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    username = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(choices=[(role.value, role.name) for role in Role]))
    school = SchoolAnswer()
    children = ChildAnswer(many=True, help_text="Those whose guardian you are.")


class Me(ApiDoor):
    action = Action.ACCOUNT_VIEW

    @extend_schema(operation_id="read_me", responses=MeAnswer)
    def get(self, request: Request) -> Response:
        """You: your roles at this school, and your children."""
        school = self.school
        me = {
            "id": self.person.pk,
            "username": self.person.username,
            "name": self.person.full_name,
            "language": self.person.language,
            "roles": sorted(role.value for role in self.access.roles),
            "school": {
                "id": school.pk,
                "name": school.name,
                "country": school.country,
                "time_zone": school.time_zone,
            },
            "children": wards_of(self.person),
        }
        return Response(MeAnswer(me).data)
