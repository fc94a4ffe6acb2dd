"""Login of the vendor's staff, in two steps: the password is judged, then the session begins.

A second factor belongs between the two.
"""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest

from tenants import sessions
from tenants.operators.models import Operator
from tenants.throttle import note_failure

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
            note_failure(Operator.objects.filter(username=name))
            return None
        return operator if operator.is_active else None

    def get_user(self, user_id: UUID | str) -> Operator | None:
        return Operator.objects.filter(pk=user_id, is_active=True).first()


def begin_session(request: HttpRequest, operator: Operator) -> None:
    """Log in for one working day."""
    sessions.begin(request, operator, backend="tenants.operators.login.OperatorLogin", lasts=SESSION_LASTS)
