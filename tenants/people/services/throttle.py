"""The throttle of this login: what counts as one name (the rule itself is tenants.throttle)."""

from django.utils.crypto import salted_hmac

from opt_in.gate.sealing import InvalidAddress, normalise_address
from tenants.backend.current import connection
from tenants.people.models import Channel, LoginThrottle
from tenants.throttle import FREE_TRIES, TooManyTries, count_try_by

__all__ = ["FREE_TRIES", "TooManyTries", "count_try", "forgive"]


def count_try(*, identifier: str) -> None:
    """Count a try before it is judged. Raises TooManyTries."""
    count_try_by(_hash(identifier), among=LoginThrottle)


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
