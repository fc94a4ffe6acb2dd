import hashlib
from datetime import datetime

from django.db.models import F, QuerySet

from tenants.people.models import ApiToken, User

# Recognisable for people and for programs that search published files for secrets.
PREFIX = "zgoda_"


def sha256_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def token_with_secret(secret: str, *, now: datetime) -> ApiToken | None:
    """The token of this school that is still good, with its person."""
    if not secret.startswith(PREFIX):
        return None
    return (
        ApiToken.objects.filter(token_sha256=sha256_of(secret), revoked_at=None, expires_at__gt=now)
        .select_related("user")
        .first()
    )


def tokens_of(person: User) -> QuerySet[ApiToken]:
    """A person's tokens: those that work first, newest first."""
    return ApiToken.objects.filter(user=person).order_by(F("revoked_at").asc(nulls_first=True), "-created_at")
