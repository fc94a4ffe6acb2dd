from collections.abc import Sequence
from dataclasses import dataclass

import phonenumbers
from django.db.models import Q
from django.utils import timezone

from opt_in.gate.sealing import address_hash, normalise_address, unseal
from tenants.people.models import Channel, ContactPoint, Provenance, User, VerificationCode

SAID_BY_THE_SCHOOL = (Provenance.ROSTER, Provenance.DIRECTOR)


@dataclass(frozen=True, slots=True)
class OwnContact:
    """A person's own contact point, opened for that person's own eyes."""

    contact: ContactPoint
    address: str

    @property
    def channel(self) -> Channel:
        return Channel(self.contact.channel)

    @property
    def masked(self) -> str:
        """Enough to recognise one's own address over one's shoulder, not enough to learn it."""
        if self.channel is Channel.EMAIL:
            local, _, host = self.address.rpartition("@")
            return f"{local[:1]}•••@{_readable(host)}"
        return f"{self.address[:4]} ••• {self.address[-3:]}"

    @property
    def shown(self) -> str:
        """As people write it."""
        if self.channel is Channel.EMAIL:
            local, _, host = self.address.rpartition("@")
            return f"{local}@{_readable(host)}"
        number = phonenumbers.parse(self.address)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

    @property
    def is_verified(self) -> bool:
        return self.contact.verified_at is not None


def _readable(host: str) -> str:
    """A domain in its own letters, where it has others than ASCII."""
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def own_contacts(person: User) -> dict[Channel, OwnContact]:
    """The active contact points of a person, by channel."""
    return {
        Channel(contact.channel): OwnContact(contact, unseal(bytes(contact.sealed)).decode())
        for contact in ContactPoint.objects.filter(user=person, is_active=True).order_by("channel")
    }


def can_be_reached(person: User) -> bool:
    """Whether any message may go to this person: nothing but a code goes to an address before it is verified."""
    return ContactPoint.objects.filter(user=person, is_active=True, verified_at__isnull=False).exists()


def open_codes_of(person: User) -> dict[str, VerificationCode]:
    """The codes that were sent to a person's contact points and can still be entered, by channel."""
    codes = VerificationCode.objects.filter(
        contact__user=person, contact__is_active=True, ended_at=None, expires_at__gt=timezone.now()
    ).select_related("contact")
    return {code.contact.channel: code for code in codes if code.contact_version == code.contact.version}


def people_with_login(login: str, *, country: str) -> Sequence[User]:
    """Whom a user name, an e-mail address or a mobile number means. Two people may share a mailbox."""
    login = login.strip()
    by_name = User.objects.filter(username=login.lower(), is_active=True)
    channel = Channel.EMAIL if "@" in login else Channel.SMS
    try:
        wanted = address_hash(channel.value, normalise_address(channel.value, login, country=country))
    except ValueError:
        return list(by_name)
    # What somebody says of themselves and has not verified may be another person's address, and would stand in its way.
    believed = Q(contacts__verified_at__isnull=False) | Q(contacts__provenance__in=SAID_BY_THE_SCHOOL)
    by_address = User.objects.filter(
        believed, contacts__address_hash=wanted, contacts__channel=channel, contacts__is_active=True, is_active=True
    )
    return list(by_name) or list(by_address.distinct())
