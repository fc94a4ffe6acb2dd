"""Slows down whoever guesses passwords, alike for names that exist and names that do not. One rule for both houses."""

from datetime import timedelta
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

FREE_TRIES = 5
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(hours=24)


class TooManyTries(Exception):
    """Locked for `seconds` more. Said before the password is looked at, so it tells nothing about it."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Throttle(models.Model):
    """How often a login failed lately, by a keyed hash: people type passwords into the wrong field."""

    identifier_hash = models.BinaryField(primary_key=True, max_length=32)
    failures = models.PositiveIntegerField()
    last_failed_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return bytes(self.identifier_hash).hex()[:8]


@transaction.atomic
def count_try_by(key: bytes, *, among: type[Throttle]) -> None:
    """Count a try as failed before it is judged, so that many at once do not slip through; a success forgives it."""
    now = timezone.now()
    tries = among._default_manager
    tries.filter(last_failed_at__lt=now - FORGOTTEN_AFTER).delete()
    # Written even where it is there already, so that the row is held from here on and nobody forgives it in between.
    tries.bulk_create(
        [among(identifier_hash=key, failures=0, last_failed_at=now)],
        update_conflicts=True,
        unique_fields=["identifier_hash"],
        update_fields=["last_failed_at"],
    )
    throttle = tries.get(pk=key)
    if throttle.locked_until is not None and throttle.locked_until > now:
        raise TooManyTries(max(1, int((throttle.locked_until - now).total_seconds())))
    throttle.failures += 1
    throttle.last_failed_at = now
    beyond = throttle.failures - FREE_TRIES
    throttle.locked_until = now + min(FIRST_LOCK * 2 ** min(beyond, 16), LONGEST_LOCK) if beyond >= 0 else None
    throttle.save()


@transaction.atomic
def note_failure(owner: "models.QuerySet[Any]") -> None:
    """Count a failed try for its owner to read. Not waited for: for a name that nobody has there is nothing to write,
    and the time would tell which names there are. A crash may forget it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    owner.update(failed_logins=models.F("failed_logins") + 1)
