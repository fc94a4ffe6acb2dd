"""Who calls the API: a person by a token of their own, or by the session of the browser they are logged in with."""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from tenants.people.login import may_enter
from tenants.people.models import ApiToken, User
from tenants.people.selectors.tokens import token_with_secret
from tenants.people.services.tokens import note_use


class BearerToken(BaseAuthentication):
    """RFC 6750. The token is looked up in the school of the host name, so it opens no other."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:
            raise AuthenticationFailed(_("Send the token as “Authorization: Bearer zgoda_…”."))
        token = token_with_secret(words[1].decode("latin-1"), now=timezone.now())
        if token is None or not may_enter(token.user):
            raise AuthenticationFailed(
                _("This token does not open this school. It may have expired or been revoked; make a new one.")
            )
        note_use(token=token, today=timezone.localdate())
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Zgoda"'


class SchoolSession(SessionAuthentication):
    """For trying the API on its documentation page. A change needs the page's CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        django_request: HttpRequest = request._request
        person = getattr(django_request, "user", None)
        if not isinstance(person, User):
            return None
        self.enforce_csrf(request)
        return person, None


class BearerTokenInSchema(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "tenants.api.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "zgoda_…",
            "description": "A personal token, made on the page “Keys for programs” of the account.",
        }


class SchoolSessionInSchema(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "tenants.api.authentication.SchoolSession"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "zgoda_school",
            "description": "The session of the browser, for trying things on this page. Changes need a CSRF token.",
        }
