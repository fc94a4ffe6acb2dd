"""Every error of the API as problem details (RFC 9457)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.utils.serializer_helpers import ReturnList
from rest_framework.views import set_rollback

MEDIA_TYPE = "application/problem+json"


class Kind(StrEnum):
    """What may be wrong beyond what the status says; the documentation page explains each under its name."""

    INVALID = "invalid"
    LESSON_ALREADY_RECORDED = "lesson-already-recorded"
    PRECONDITION_REQUIRED = "precondition-required"
    CHANGED_MEANWHILE = "changed-meanwhile"
    NOT_AUTHORISED = "not-authorised"
    NOT_VERIFIED = "not-verified"
    OUTDATED_NOTICE = "outdated-notice"

    @property
    def heading(self) -> str:
        return str(_WORDS[self][0])

    @property
    def explanation(self) -> str:
        return str(_WORDS[self][1])

    @property
    def uri(self) -> str:
        """A reference relative to the school's address, the same at every school."""
        return f"/api/#{self.value}"


_WORDS = {
    Kind.INVALID: (
        gettext_lazy("The request is not valid"),
        gettext_lazy("`errors` says what and where. Mend it and send it again."),
    ),
    Kind.LESSON_ALREADY_RECORDED: (
        gettext_lazy("The lesson is recorded already"),
        gettext_lazy("The class has a lesson with this number on this day. Read it before you change it."),
    ),
    Kind.PRECONDITION_REQUIRED: (
        gettext_lazy("Say what you have seen"),
        gettext_lazy("Read it first and send its ETag as If-Match, so that nobody's change is overwritten."),
    ),
    Kind.CHANGED_MEANWHILE: (
        gettext_lazy("It has changed since you read it"),
        gettext_lazy("Somebody was faster. Read it again, look, and repeat your change if it is still right."),
    ),
    Kind.NOT_AUTHORISED: (
        gettext_lazy("The school has not authorised offers"),
        gettext_lazy("A yes would count for nothing, so none is taken. Only the school can change this."),
    ),
    Kind.NOT_VERIFIED: (
        gettext_lazy("The address is not verified"),
        gettext_lazy("A consent needs an address that is known to be yours. Verify it on the page of your contacts."),
    ),
    Kind.OUTDATED_NOTICE: (
        gettext_lazy("The text has changed"),
        gettext_lazy("You agree to a text that no longer holds. Read the consent again and send its notice's id."),
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request: a place in the body (RFC 6901) or the name of a parameter."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None

    def as_json(self) -> dict[str, str]:
        place = {"pointer": self.pointer} if self.pointer is not None else {"parameter": self.parameter or ""}
        return {**place, "detail": self.detail}


class Refusal(exceptions.APIException):
    """A request that was understood and is refused; `kind` names it on the documentation page."""

    def __init__(self, kind: Kind, *, status_code: int) -> None:
        super().__init__(kind.explanation)
        self.kind, self.status_code = kind, status_code


class Invalid(exceptions.ValidationError):
    """Faults that only the service or the query found; those of a serializer are read from its errors."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__({})
        self.faults = faults


class BodyTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = gettext_lazy("The request is too large. Send less at a time.")


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """What Django REST framework calls with every exception of a view; None lets it through as a server error."""
    if isinstance(error, Http404):
        error = exceptions.NotFound(_("There is nothing here, or it is not yours to see."))
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, RequestDataTooBig):
        error = BodyTooLarge()
    elif isinstance(error, SuspiciousOperation):
        error = exceptions.ParseError(_("The request is malformed."))
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    kind: Kind | None = None
    faults: tuple[Fault, ...] = ()
    if isinstance(error, Refusal):
        kind = error.kind
    elif isinstance(error, exceptions.ValidationError):
        kind = Kind.INVALID
        faults = error.faults if isinstance(error, Invalid) else tuple(faults_in(error.detail))
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait))
    return Response(
        problem(
            kind=kind,
            status_code=error.status_code,
            detail=kind.explanation if kind else str(error.detail),
            instance=context["request"].path,
            faults=faults,
        ),
        status=error.status_code,
        headers=headers,
        content_type=MEDIA_TYPE,
    )


def server_error(path: str) -> HttpResponse:
    """For the handler of the whole site: something broke, and nothing more is known."""
    body = problem(
        status_code=500,
        detail=_("Something broke on our side. It was reported. Try again later."),
        instance=path,
    )
    return JsonResponse(body, status=500, content_type=MEDIA_TYPE)


def problem(
    *, status_code: int, detail: str, instance: str, kind: Kind | None = None, faults: Sequence[Fault] = ()
) -> dict[str, object]:
    body: dict[str, object] = {
        "type": kind.uri if kind else "about:blank",
        "title": kind.heading if kind else HTTPStatus(status_code).phrase,
        "status": status_code,
        "detail": detail,
        "instance": instance,
    }
    return {**body, "errors": [fault.as_json() for fault in faults]} if faults else body


def faults_in(detail: Any, pointer: str = "") -> Iterator[Fault]:
    """A serializer's errors as a flat list, each with the JSON Pointer of its place in the body."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            here = pointer if name == "non_field_errors" else f"{pointer}/{_escaped(str(name))}"
            yield from faults_in(inner, here)
    elif isinstance(detail, (list, ReturnList)):
        for number, inner in enumerate(detail):
            # A list of dictionaries are the elements of a list in the body; a list of texts is about one place.
            yield from faults_in(inner, f"{pointer}/{number}" if isinstance(inner, Mapping) else pointer)
    else:
        yield Fault(str(detail), pointer=pointer)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
