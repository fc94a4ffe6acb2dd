"""What came to the caller, and why."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from opt_in.selectors.messages import explained_to, messages_of, own_message
from tenants.access import Action
from tenants.api.door import ApiDoor
from tenants.api.pages import MOST_ITEMS, page_of, whole_number
from tenants.api.problems import Fault, Invalid

ORIGINS = ("school", "vendor", "platform")
USUAL_ITEMS = 50


class MessageAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="envelope_id")
    kind = serializers.CharField()
    origin = serializers.ChoiceField(choices=[(origin, origin) for origin in ORIGINS])
    sender = serializers.CharField()
    channel = serializers.CharField()
    state = serializers.CharField()
    state_text = serializers.CharField(help_text="In your language.")
    reason = serializers.CharField(help_text="Why it was not sent, in your language; empty where it was.")
    at = serializers.DateTimeField(help_text="When it was sent or ended; until then when it was written.")
    is_offer = serializers.BooleanField()


class MessageWithText(MessageAnswer):
    subject = serializers.CharField()
    text = serializers.CharField(help_text="Kept for offers that were handed over; the same for everybody.")


class MessagesAnswer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    items = MessageAnswer(many=True)


class WhyConsent(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    capture = serializers.CharField()
    notice = serializers.CharField(allow_null=True)


class WhyAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    origin = serializers.ChoiceField(choices=[(origin, origin) for origin in ORIGINS])
    sender = serializers.CharField()
    state = serializers.CharField()
    code = serializers.CharField(allow_null=True, help_text="The rule that decided, in the words of the gate.")
    authorised_at = serializers.DateTimeField(allow_null=True, help_text="When the school authorised such offers.")
    council_decided_on = serializers.DateField(allow_null=True)
    content_approved_at = serializers.DateTimeField(allow_null=True)
    consent = WhyConsent(allow_null=True, help_text="Your own yes that it was sent on.")
    has_withdrawn = serializers.BooleanField(help_text="Whether you have taken that yes back since.")
    has_objected = serializers.BooleanField()
    receipt = serializers.JSONField(help_text="The ledger's receipt (zgoda-receipt/1); null before a decision.")


class OwnMessages(ApiDoor):
    action = Action.MESSAGE_VIEW

    @extend_schema(
        operation_id="list_messages",
        responses=MessagesAnswer,
        parameters=[
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS}, description="Or 50."),
            OpenApiParameter("before", UUID, description="The id of a message: older ones only."),
            OpenApiParameter("Link", str, OpenApiParameter.HEADER, response=[200], description="RFC 8288."),
        ],
    )
    def get(self, request: Request) -> Response:
        """What was addressed to you, newest first."""
        limit = whole_number(request, "limit", default=USUAL_ITEMS, least=1, most=MOST_ITEMS)
        found = messages_of(self.person, limit=limit + 1, before=_id_in(request, "before"))
        more = None
        if len(found) > limit:
            more = replace_query_param(request.build_absolute_uri(), "before", found[limit - 1].envelope_id)
        return page_of(MessageAnswer(found[:limit], many=True).data, next_url=more, previous_url=None)


class OneMessage(ApiDoor):
    action = Action.MESSAGE_VIEW

    @extend_schema(operation_id="read_message", responses=MessageWithText)
    def get(self, request: Request, message_id: UUID) -> Response:
        """One message to you."""
        message = own_message(self.person, message_id)
        if message is None:
            raise Http404
        return Response(MessageWithText(message).data)


class Why(ApiDoor):
    action = Action.MESSAGE_VIEW

    @extend_schema(operation_id="explain_message", responses=WhyAnswer)
    def get(self, request: Request, message_id: UUID) -> Response:
        """Why this message came, or did not: who allowed it, by which of your own decisions, and the receipt."""
        facts = explained_to(self.person, message_id)
        if facts is None:
            raise Http404
        return Response(_why(facts))


def _why(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The gate's facts as they are: moments stay ISO 8601, for a program to format."""

    def part(name: str, key: str) -> Any:
        return (facts.get(name) or {}).get(key)

    return {
        "id": facts["envelope_id"],
        "origin": facts["origin"],
        "sender": part("sender", "name") or "",
        "state": facts["state"],
        "code": facts["code"],
        "authorised_at": part("instruction", "made_at"),
        "council_decided_on": part("resolution", "decided_on"),
        "content_approved_at": part("approval", "made_at"),
        "consent": facts.get("consent"),
        "has_withdrawn": part("now", "consent") == "withdraw",
        "has_objected": bool(part("now", "objected")),
        "receipt": facts.get("receipt"),
    }


def _id_in(request: Request, name: str) -> UUID | None:
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        return UUID(given)
    except ValueError as error:
        raise Invalid(Fault(_("The id of a message."), parameter=name)) from error
