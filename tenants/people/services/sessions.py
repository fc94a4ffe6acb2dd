"""A person's own sessions: which there are, and their end."""

import hashlib

from django.utils import timezone

from tenants.people.models import SchoolSession, User


def public_id(session_key: str) -> str:
    """Names a session on a page without giving away its key."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:32]


def end_session(*, person: User, session_id: str) -> bool:
    """End one session of this person; False when there is none of that name."""
    for session in SchoolSession.objects.filter(user_id=person.pk, expire_date__gt=timezone.now()):
        if public_id(session.session_key) == session_id:
            session.delete()
            return True
    return False


def end_all_sessions(*, person: User) -> int:
    """Log this person out everywhere, here as well; returns how many sessions ended."""
    ended, _ = SchoolSession.objects.filter(user_id=person.pk).delete()
    return ended
