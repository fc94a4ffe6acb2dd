"""Django's session engine over the vendor's own session table."""

from typing import cast

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions

from tenants.operators.models import OperatorSession


class SessionStore(DatabaseSessions):
    @classmethod
    def get_model_class(cls) -> type[OperatorSession]:
        return OperatorSession

    def create_model_instance(self, data: dict[str, object]) -> OperatorSession:
        session = cast(OperatorSession, super().create_model_instance(data))
        operator_id = data.get("_auth_user_id")
        session.operator_id = str(operator_id) if operator_id else None
        return session
