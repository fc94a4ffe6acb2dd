"""Django's session engine over the school's own session table."""

from typing import cast

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.utils.dateparse import parse_datetime

from tenants.people.models import SchoolSession

# Keys of a session's data that the person's own list of sessions shows.
BEGAN_AT = "began_at"
DEVICE = "device"


class SessionStore(DatabaseSessions):
    @classmethod
    def get_model_class(cls) -> type[SchoolSession]:
        return SchoolSession

    def create_model_instance(self, data: dict[str, object]) -> SchoolSession:
        session = cast(SchoolSession, super().create_model_instance(data))
        user_id = data.get("_auth_user_id")
        session.user_id = str(user_id) if user_id else None
        session.began_at = parse_datetime(str(data[BEGAN_AT])) if BEGAN_AT in data else None
        session.device = str(data.get(DEVICE, ""))
        return session
