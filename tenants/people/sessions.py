"""Django's session engine over the school's own session table."""

from tenants.people.models import SchoolSession
from tenants.sessions import OwnedSessionStore


class SessionStore(OwnedSessionStore):
    owner = "user_id"

    @classmethod
    def get_model_class(cls) -> type[SchoolSession]:
        return SchoolSession
