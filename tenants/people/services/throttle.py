"""Slows down whoever guesses passwords, alike for names that exist and names that do not."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from opt_in.gate.sealing import InvalidAddress, normalise_address
from tenants.backend.current import connection
from tenants.people.models import Channel, LoginThrottle

FREE_TRIES = 5
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(hours=24)


class TooManyTries(Exception):
    """Locked for `seconds` more. Said before the password is looked at, so it tells nothing about it."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@transaction.atomic
def count_try(*, identifier: str) -> None:
    """Count a try as failed before it is judged, so that many at once do not slip through; a success forgives it."""
    now = timezone.now()
    key = _hash(identifier)
    LoginThrottle.objects.filter(last_failed_at__lt=now - FORGOTTEN_AFTER).delete()
    fresh = LoginThrottle(identifier_hash=key, failures=0, last_failed_at=now)
    LoginThrottle.objects.bulk_create([fresh], ignore_conflicts=True)
    throttle = LoginThrottle.objects.select_for_update().get(pk=key)
    if throttle.locked_until is not None and throttle.locked_until > now:
        raise TooManyTries(max(1, int((throttle.locked_until - now).total_seconds())))
    throttle.failures += 1
    throttle.last_failed_at = now
    beyond = throttle.failures - FREE_TRIES
    throttle.locked_until = now + min(FIRST_LOCK * 2 ** min(beyond, 16), LONGEST_LOCK) if beyond >= 0 else None
    throttle.save()


def forgive(*, identifier: str) -> None:
    """After a login that succeeded."""
    LoginThrottle.objects.filter(pk=_hash(identifier)).delete()


def _hash(identifier: str) -> bytes:
    # Keyed, so that the table tells nobody what was typed: people type passwords into the wrong field.
    typed = _one_spelling(identifier)
    return salted_hmac("tenants.people.throttle", f"{connection.schema_name}:{typed}", algorithm="sha256").digest()


def _one_spelling(identifier: str) -> str:
    """However an address is written: each spelling that the login understands would give tries of its own."""
    channel = Channel.EMAIL if "@" in identifier else Channel.SMS
    try:
        return normalise_address(channel.value, identifier.strip(), country=connection.tenant.country)
    except InvalidAddress:
        return "".join(identifier.split()).casefold()
