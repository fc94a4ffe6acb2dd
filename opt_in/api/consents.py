"""A guardian's own consents, given and withdrawn by a program of theirs. Nobody else can."""

from typing import Any

from django.http import Http404
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from opt_in.gate.errors import GateConflict
from opt_in.purposes import VENDOR_OFFERS
from opt_in.selectors.consents import ChannelConsent, Consents, ConsentState, consents_for
from opt_in.services.consents import give_consent, withdraw_consent
from tenants.access import Action
from tenants.api.door import ApiDoor, etag_of
from tenants.api.problems import Kind, Refusal
from tenants.people.models import Channel

ACTS = ("give", "refuse", "withdraw")
CHANNEL = OpenApiParameter("channel", str, OpenApiParameter.PATH, enum=Channel.values)


class NoticeAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="notice_id", help_text="A yes names it: it is given to this text.")
    language = serializers.CharField()
    version = serializers.IntegerField()
    text = serializers.CharField(source="body")


class LatestAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="event_id")
    act = serializers.ChoiceField(choices=[(act, act) for act in ACTS])
    capture = serializers.CharField(help_text="How it reached us: portal, api, a link in a mail, an answer by SMS.")
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


class ConsentAnswer(serializers.Serializer[Any]):
    purpose = serializers.SerializerMethodField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    is_on = serializers.BooleanField(help_text="Whether a yes is in force today.")
    state = serializers.ChoiceField(choices=[(state.value, state.name) for state in ConsentState])
    can_be_given = serializers.BooleanField(help_text="The school has authorised it, and your address is verified.")
    latest = LatestAnswer(allow_null=True, help_text="Your latest word on it; null if you never said any.")

    def get_purpose(self, consent: ChannelConsent) -> str:
        return VENDOR_OFFERS


class ConsentsAnswer(serializers.Serializer[Any]):
    notice = NoticeAnswer(help_text="The text in force, in your language.")
    items = ConsentAnswer(many=True)


class Yes(serializers.Serializer[Any]):
    notice_id = serializers.UUIDField(help_text="The id of the text that you have read and agree to.")


class Withdrawn(serializers.Serializer[Any]):
    handed_over = serializers.IntegerField(help_text="How many offers were already on their way and could not be held.")
    consent = ConsentAnswer()


class OwnConsents(ApiDoor):
    action = Action.CONSENT_VIEW

    @extend_schema(operation_id="list_consents", responses=ConsentsAnswer)
    def get(self, request: Request) -> Response:
        """Your consents to offers of the vendor, one for each channel, and the text that a yes would be given to."""
        consents = consents_for(self.person)
        shown = {"notice": consents.notice_in(get_language() or "en"), "items": consents.channels}
        return Response(ConsentsAnswer(shown).data)


class OneConsent(ApiDoor):
    action = Action.CONSENT_VIEW
    write_action = Action.CONSENT_GIVE
    problems = {"put": {"409": "A yes would not count: not authorised, no verified address, or an outdated text."}}

    @extend_schema(operation_id="read_consent", parameters=[CHANNEL], responses=ConsentAnswer)
    def get(self, request: Request, channel: str) -> Response:
        """Your consent on one channel."""
        return Response(ConsentAnswer(self._found(channel)[1]).data)

    @extend_schema(
        operation_id="give_consent",
        request=Yes,
        responses=ConsentAnswer,
        parameters=[CHANNEL, OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200])],
    )
    def put(self, request: Request, channel: str) -> Response:
        """Say yes to offers on this channel, to the text with this id. A yes that is in force stays as it is."""
        consents, consent = self._found(channel)
        given = Yes(data=request.data)
        given.is_valid(raise_exception=True)
        if not consent.is_on:
            self._give(consents, consent, given.validated_data["notice_id"])
        data = ConsentAnswer(self._found(channel)[1]).data
        return Response(data, headers={"ETag": etag_of(data)})

    @extend_schema(operation_id="withdraw_consent", parameters=[CHANNEL], responses={200: Withdrawn})
    def delete(self, request: Request, channel: str) -> Response:
        """Take a yes back, at once. Without one, nothing changes."""
        _consents, consent = self._found(channel)
        handed_over = 0
        if consent.latest is not None and consent.latest.act == "give":
            handed_over = withdraw_consent(guardian=self.person, channel=channel)
        return Response(Withdrawn({"handed_over": handed_over, "consent": self._found(channel)[1]}).data)

    def _found(self, channel: str) -> tuple[Consents, ChannelConsent]:
        consents = consents_for(self.person)
        consent = consents.of(channel)
        if consent is None:
            raise Http404
        return consents, consent

    def _give(self, consents: Consents, consent: ChannelConsent, notice_id: Any) -> None:
        if not consent.may_ask:
            raise Refusal(Kind.NOT_AUTHORISED, status_code=409)
        if consent.own is None or not consent.own.is_verified:
            raise Refusal(Kind.NOT_VERIFIED, status_code=409)
        if consents.notice(notice_id) is None:
            raise Refusal(Kind.OUTDATED_NOTICE, status_code=409)
        try:
            give_consent(guardian=self.person, contact=consent.own.contact, notice_id=notice_id, capture="api")
        except GateConflict as error:
            # Between the look and the yes the school, the address or the text changed.
            raise Refusal(Kind.CHANGED_MEANWHILE, status_code=409) from error
