"""The door of the API: like a page's, it names its action of the matrix or cannot be defined."""

import hashlib
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpResponseNotModified
from django.http.response import HttpResponse
from django.utils import translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, Throttled
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tenants.access import Action, Scope
from tenants.api import problems
from tenants.api.schema import ApiSchema
from tenants.doors import access_in
from tenants.people.models import ApiToken, User
from tenants.people.selectors.access import Access
from tenants.people.services.request_counts import count_request
from tenants.schools.models import School

_WRITES = ("post", "put", "patch", "delete")


class ApiDoor(APIView):
    """A resource behind the matrix: reading it is one action, changing it another. `self.reach` is how far the caller
    may go with this request; NONE never gets in.

    GET answers carry an ETag and 304 is given to who has that already. Every error is a problem (tenants.api.problems).
    """

    action: ClassVar[Action]
    write_action: ClassVar[Action | None] = None
    abstract_door = True
    reach: Scope = Scope.NONE
    schema = ApiSchema()
    # OPTIONS would describe a view to whoever may not enter it; the documentation page describes all of them.
    http_method_names = ["get", "head", *_WRITES]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__dict__.get("abstract_door", False):
            return
        if not isinstance(getattr(cls, "action", None), Action):
            raise ImproperlyConfigured(f"{cls.__qualname__} names no action of tenants.access.")
        if any(hasattr(cls, method) for method in _WRITES) and not isinstance(cls.write_action, Action):
            raise ImproperlyConfigured(f"{cls.__qualname__} changes something and names no write_action.")
        cls.abstract_door = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if type(self).abstract_door:
            raise ImproperlyConfigured(f"{type(self).__qualname__} is no door of its own.")
        self.format_kwarg = None
        renderer, media_type = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = renderer, media_type
        try:
            # Not `request.user`: that answers for a bad token with whoever else is logged in.
            self.perform_authentication(request)
            if not isinstance(request.user, User):
                raise NotAuthenticated(_("Send a token, or log in with the browser first."))
        except (AuthenticationFailed, NotAuthenticated):
            self._count(f"address {request.META.get('REMOTE_ADDR', '')}", "address")
            raise
        # The middleware that chose the browser's language puts the old one back.
        translation.activate(self.person.language)
        if isinstance(request.auth, ApiToken):
            self._count(f"token {request.auth.pk}", "token")
        else:
            self._count(f"person {self.person.pk}", "token")
        action = self.action if request.method in SAFE_METHODS else self.write_action
        self.reach = self.access.reach(action) if action is not None else self.access.reach(self.action)
        if self.reach is Scope.NONE:
            # What somebody may not do is not there for them.
            raise Http404

    @property
    def person(self) -> User:
        assert isinstance(self.request.user, User)  # noqa: S101
        return self.request.user

    @property
    def school(self) -> School:
        school: School = self.request._request.school  # type: ignore[attr-defined]
        return school

    @property
    def access(self) -> Access:
        return access_in(self.request._request)

    def get_exception_handler(self) -> Any:
        return problems.answer

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
        patch_cache_control(answer, private=True, no_cache=True)
        patch_vary_headers(answer, ("Authorization", "Cookie", "Accept-Language"))
        if answer.status_code == 200 and request.method in SAFE_METHODS:
            answer.headers.setdefault("ETag", etag_of(answer.data))
            return _unless_known(request, answer)
        return answer

    def _count(self, caller: str, kind: str) -> None:
        requests, seconds = count_request(caller=caller)
        if requests > settings.API_REQUESTS_PER_MINUTE[kind]:
            raise Throttled(seconds, _("Too many requests. The answer says after how many seconds to go on."))


def etag_of(data: Any) -> str:
    """A strong validator: whoever has these bytes has this answer."""
    rendered: bytes = JSONRenderer().render(data)
    return f'"{hashlib.sha256(rendered).hexdigest()[:32]}"'


def require_unchanged(request: Request, *, etag: str) -> None:
    """RFC 9110, If-Match: a change is made only to what the caller has seen. Without it, 428 (RFC 6585)."""
    header = request.headers.get("If-Match")
    if header is None:
        raise problems.Refusal(problems.Kind.PRECONDITION_REQUIRED, status_code=428)
    # Compressing an answer on its way marks its ETag as weak. Ours names the data, not the bytes, so it is as good.
    seen = {tag.removeprefix("W/") for tag in parse_etags(header)}
    if not seen & {"*", etag}:
        raise problems.Refusal(problems.Kind.CHANGED_MEANWHILE, status_code=412)


def _unless_known(request: Request, answer: Response) -> HttpResponse:
    known = {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}
    if not known & {"*", answer.headers["ETag"]}:
        return answer
    unchanged = HttpResponseNotModified()
    for name in ("ETag", "Cache-Control", "Vary", "Content-Language", "Link"):
        if name in answer.headers:
            unchanged.headers[name] = answer.headers[name]
    return unchanged
