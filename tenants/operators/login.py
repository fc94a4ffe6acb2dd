from uuid import UUID

from django.http import HttpRequest

from tenants.operators.models import Operator


class OperatorLogin:
    """User name and password of the vendor's staff."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: object
    ) -> Operator | None:
        if not username or password is None:
            return None
        operator = Operator.objects.filter(username=username.strip().lower()).first()
        if operator is None:
            # The same time for a name that exists and one that does not.
            Operator().set_password(password)
            return None
        return operator if operator.check_password(password) and operator.is_active else None

    def get_user(self, user_id: UUID | str) -> Operator | None:
        return Operator.objects.filter(pk=user_id, is_active=True).first()
