"""Sessions that their owner sees in a list and can end. Each house keeps them in a table of its own."""

import hashlib
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tenants.devices import device_of

# Keys of a session's data that the owner's list shows.
BEGAN_AT = "began_at"
DEVICE = "device"

S = TypeVar("S", bound="OwnedSession")


class OwnedSession(AbstractBaseSession):
    # For the owner's own list; null before the login.
    began_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=80, default="", db_default="")

    class Meta:
        abstract = True


class OwnedSessionStore(DatabaseSessions):
    """Django's session engine over a table that names the owner in the column `owner`."""

    owner: ClassVar[str]

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        session: Any = super().create_model_instance(data)
        setattr(session, self.owner, data.get("_auth_user_id"))
        session.began_at = parse_datetime(str(data[BEGAN_AT])) if BEGAN_AT in data else None
        session.device = str(data.get(DEVICE, ""))
        return session


def begin(request: HttpRequest, owner: Any, *, backend: str, lasts: timedelta) -> None:
    """Log the owner in for that long, however much the session is used.

    It keeps when the last visit was and how many tries failed since (ACC-9).
    """
    last_visit, failed_logins = owner.last_login, owner.failed_logins
    login(request, owner, backend=backend)
    type(owner).objects.filter(pk=owner.pk).update(failed_logins=0)
    now = timezone.now()
    request.session["last_visit"] = last_visit.isoformat() if last_visit else None
    request.session["failed_logins"] = failed_logins
    request.session[BEGAN_AT] = now.isoformat()
    request.session[DEVICE] = device_of(request.headers.get("User-Agent", ""))
    # A moment, not a period: a session that is used does not grow longer.
    request.session.set_expiry(now + lasts)
    # Whoever comes sweeps up after those who left.
    request.session.model.objects.filter(expire_date__lt=now).delete()  # type: ignore[attr-defined]


def present(sessions: "models.QuerySet[S]") -> "models.QuerySet[S]":
    """Those that are open now, the newest first."""
    return sessions.filter(expire_date__gt=timezone.now()).order_by("-began_at")


def public_id(session_key: str) -> str:
    """Names a session on a page without giving away its key."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:32]


@transaction.atomic
def end_session(*, sessions: "models.QuerySet[S]", session_id: str) -> bool:
    """End the one of these sessions that has this public id; False when none has."""
    for session in sessions:
        if public_id(session.session_key) == session_id:
            session.delete()
            return True
    return False
