"""Django's session engine over the school's own session table."""

from typing import cast

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions

from tenants.people.models import SchoolSession


class SessionStore(DatabaseSessions):
    @classmethod
    def get_model_class(cls) -> type[SchoolSession]:
        return SchoolSession

    def create_model_instance(self, data: dict[str, object]) -> SchoolSession:
        session = cast(SchoolSession, super().create_model_instance(data))
        user_id = data.get("_auth_user_id")
        session.user_id = str(user_id) if user_id else None
        return session
