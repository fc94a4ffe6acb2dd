"""An operator's own sessions: their names on a page, and their end."""

import hashlib

from django.db import transaction

from tenants.operators.models import Operator, OperatorSession
from tenants.operators.selectors.sessions import sessions_of


def public_id(session_key: str) -> str:
    """Names a session on a page without giving away its key."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:32]


@transaction.atomic
def end_session(*, operator: Operator, session_id: str) -> bool:
    """End one session of this operator; False when there is none of that name."""
    for session in sessions_of(operator):
        if public_id(session.session_key) == session_id:
            session.delete()
            return True
    return False


@transaction.atomic
def end_all_sessions(*, operator: Operator) -> int:
    """Log this operator out everywhere, here as well; returns how many sessions ended."""
    ended, _ = OperatorSession.objects.filter(operator_id=operator.pk).delete()
    return ended
