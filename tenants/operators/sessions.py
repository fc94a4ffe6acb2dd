"""Django's session engine over the vendor's own session table."""

from tenants.operators.models import OperatorSession
from tenants.sessions import OwnedSessionStore


class SessionStore(OwnedSessionStore):
    owner = "operator_id"

    @classmethod
    def get_model_class(cls) -> type[OperatorSession]:
        return OperatorSession
