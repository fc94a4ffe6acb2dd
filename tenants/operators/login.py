"""Login of the vendor's staff, in two steps: the password is judged, then the session begins.

A second factor belongs between the two.
"""

from datetime import timedelta
from uuid import UUID

from django.contrib.auth import login
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from tenants.devices import device_of
from tenants.operators.models import Operator
from tenants.operators.sessions import BEGAN_AT, DEVICE

SESSION_LASTS = timedelta(hours=8)


class OperatorLogin:
    """User name and password of the vendor's staff."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: object
    ) -> Operator | None:
        if not username or password is None:
            return None
        name = username.strip().lower()
        operator = Operator.objects.filter(username=name).first()
        # The same work for a name that exists and one that does not.
        if operator is None:
            Operator().set_password(password)
        if operator is None or not operator.check_password(password):
            Operator.objects.filter(username=name).update(failed_logins=F("failed_logins") + 1)
            return None
        return operator if operator.is_active else None

    def get_user(self, user_id: UUID | str) -> Operator | None:
        return Operator.objects.filter(pk=user_id, is_active=True).first()


def begin_session(request: HttpRequest, operator: Operator) -> None:
    """Log in for one working day. The session keeps when the last visit was and how many tries failed since (ACC-9)."""
    last_visit, failed_logins = operator.last_login, operator.failed_logins
    login(request, operator, backend="tenants.operators.login.OperatorLogin")
    Operator.objects.filter(pk=operator.pk).update(failed_logins=0)
    now = timezone.now()
    request.session["last_visit"] = last_visit.isoformat() if last_visit else None
    request.session["failed_logins"] = failed_logins
    request.session[BEGAN_AT] = now.isoformat()
    request.session[DEVICE] = device_of(request.headers.get("User-Agent", ""))
    # A moment, not a period: a session that is used does not grow longer.
    request.session.set_expiry(now + SESSION_LASTS)
