import secrets
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tenants.people.models import ApiToken, User
from tenants.people.selectors.tokens import PREFIX, sha256_of

# Enough for every program a person may use, and an end to a loop that makes tokens.
MOST_TOKENS = 20


class TooManyTokens(Exception):
    """The person has as many working tokens as one may have; an old one must be revoked first."""


class TokenAlreadyMade(Exception):
    """The same form was sent twice; the secret was shown the first time."""


@transaction.atomic
def make_token(*, person: User, token_id: UUID, name: str, days: int) -> tuple[ApiToken, str]:
    """A new token and its secret, which is known only now: 256 bits of chance, of which the hash is kept."""
    now = timezone.now()
    # Two requests of the same person at the same moment wait for each other here.
    User.objects.select_for_update().get(pk=person.pk)
    if ApiToken.objects.filter(user=person, revoked_at=None, expires_at__gt=now).count() >= MOST_TOKENS:
        raise TooManyTokens
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        id=token_id,
        user=person,
        name=name,
        token_sha256=sha256_of(secret),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    ApiToken.objects.bulk_create([token], ignore_conflicts=True)
    if not ApiToken.objects.filter(pk=token_id, token_sha256=token.token_sha256).exists():
        raise TokenAlreadyMade
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken) -> None:
    """The next request with it is refused. Again is harmless and changes nothing."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def note_use(*, token: ApiToken, today: date) -> None:
    """At most one write a day: the page shows the day of the last use, so nobody needs more."""
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
