"""The throttle of this login: what counts as one name (the rule itself is tenants.throttle)."""

from django.utils.crypto import salted_hmac

from tenants.operators.models import OperatorThrottle
from tenants.throttle import FREE_TRIES, TooManyTries, count_try_by

__all__ = ["FREE_TRIES", "TooManyTries", "count_try", "forgive"]


def count_try(*, identifier: str) -> None:
    """Count a try before it is judged. Raises TooManyTries."""
    count_try_by(_hash(identifier), among=OperatorThrottle)


def forgive(*, identifier: str) -> None:
    """After a login that succeeded."""
    OperatorThrottle.objects.filter(pk=_hash(identifier)).delete()


def _hash(identifier: str) -> bytes:
    # Keyed, so that the table tells nobody what was typed: people type passwords into the wrong field.
    typed = identifier.strip().lower()
    return salted_hmac("tenants.operators.throttle", typed, algorithm="sha256").digest()
