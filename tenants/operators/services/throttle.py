"""Slows down whoever guesses passwords, alike for names that exist and names that do not."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tenants.operators.models import OperatorThrottle

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
    OperatorThrottle.objects.filter(last_failed_at__lt=now - FORGOTTEN_AFTER).delete()
    fresh = OperatorThrottle(identifier_hash=key, failures=0, last_failed_at=now)
    OperatorThrottle.objects.bulk_create([fresh], ignore_conflicts=True)
    throttle = OperatorThrottle.objects.select_for_update().get(pk=key)
    if throttle.locked_until is not None and throttle.locked_until > now:
        raise TooManyTries(max(1, int((throttle.locked_until - now).total_seconds())))
    throttle.failures += 1
    throttle.last_failed_at = now
    beyond = throttle.failures - FREE_TRIES
    throttle.locked_until = now + min(FIRST_LOCK * 2 ** min(beyond, 16), LONGEST_LOCK) if beyond >= 0 else None
    throttle.save()


def forgive(*, identifier: str) -> None:
    """After a login that succeeded."""
    OperatorThrottle.objects.filter(pk=_hash(identifier)).delete()


def _hash(identifier: str) -> bytes:
    # Keyed, so that the table tells nobody what was typed: people type passwords into the wrong field.
    typed = identifier.strip().lower()
    return salted_hmac("tenants.operators.throttle", typed, algorithm="sha256").digest()
