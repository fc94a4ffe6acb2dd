from collections.abc import Sequence

from opt_in.gate.sealing import address_hash, normalise_address
from tenants.people.models import Channel, User


def people_with_login(login: str, *, country: str) -> Sequence[User]:
    """Whom a user name, an e-mail address or a mobile number means. Two people may share a mailbox."""
    login = login.strip()
    by_name = User.objects.filter(username=login.lower(), is_active=True)
    channel = Channel.EMAIL if "@" in login else Channel.SMS
    try:
        wanted = address_hash(channel.value, normalise_address(channel.value, login, country=country))
    except ValueError:
        return list(by_name)
    by_address = User.objects.filter(
        contacts__address_hash=wanted, contacts__channel=channel, contacts__is_active=True, is_active=True
    )
    return list(by_name) or list(by_address.distinct())
