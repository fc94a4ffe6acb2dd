"""Django's session engine over the vendor's own session table."""

from typing import cast

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.utils.dateparse import parse_datetime

from tenants.operators.models import OperatorSession

# Keys of a session's data that the operator's own list of sessions shows.
BEGAN_AT = "began_at"
DEVICE = "device"


class SessionStore(DatabaseSessions):
    @classmethod
    def get_model_class(cls) -> type[OperatorSession]:
        return OperatorSession

    def create_model_instance(self, data: dict[str, object]) -> OperatorSession:
        session = cast(OperatorSession, super().create_model_instance(data))
        operator_id = data.get("_auth_user_id")
        session.operator_id = str(operator_id) if operator_id else None
        session.began_at = parse_datetime(str(data[BEGAN_AT])) if BEGAN_AT in data else None
        session.device = str(data.get(DEVICE, ""))
        return session
