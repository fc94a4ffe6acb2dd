"""Contact points: sealed, hashed, verified by code. Every change reaches the gate in the same transaction."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from opt_in.gate import school as gate
from opt_in.gate.sealing import address_hash, normalise_address, seal
from tenants.backend.current import connection
from tenants.people.models import Channel, ContactPoint, Provenance, User, VerificationCode

BATCH = 1_000
FIELDS = ("sealed", "address_hash", "version", "verified_at", "provenance", "is_active")


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """An address in the clear, only in memory: an e-mail address, or a telephone number in E.164."""

    channel: Channel
    address: str


class SameAddress(ValueError):
    """The new address is the one already there."""


def put_roster_contacts(*, addresses: Mapping[UUID, Sequence[ContactRecord]]) -> set[UUID]:
    """Make these the roster's addresses of these people; returns whose contacts changed. Call inside a transaction.

    A contact that the person or the director entered is left alone. A new or returning address counts as a new
    version and is not verified.
    """
    known = {
        (contact.user_id, contact.channel): contact
        for contact in ContactPoint.objects.select_for_update().filter(user_id__in=list(addresses))
    }
    fresh: list[ContactPoint] = []
    changed: list[ContactPoint] = []
    for user_id, records in addresses.items():
        by_channel = {record.channel: record.address for record in records}
        if len(by_channel) != len(records):
            raise ValueError("A person has one address per channel.")
        for channel in Channel:
            address, contact = by_channel.get(channel), known.get((user_id, channel))
            if address is not None and contact is None:
                fresh.append(_new_contact(user_id, channel, address, Provenance.ROSTER))
            elif contact is not None and contact.provenance == Provenance.ROSTER and _roster_changes(contact, address):
                changed.append(contact)
    ContactPoint.objects.bulk_create(fresh, batch_size=BATCH)
    ContactPoint.objects.bulk_update(changed, fields=FIELDS, batch_size=BATCH)
    publish_contacts(contacts=[*fresh, *changed])
    return {contact.user_id for contact in (*fresh, *changed)}


@transaction.atomic
def change_contact(*, person: User, channel: Channel, address: str, entered_by: Provenance) -> ContactPoint:
    """Give this person another address on a channel. It must be verified anew; earlier grants do not cover it."""
    # The person first: the same form sent twice, or an import that brings an address, must not make a second contact.
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    contact = ContactPoint.objects.select_for_update().filter(user=person, channel=channel).first()
    if contact is None:
        contact = _new_contact(person.id, channel, address, entered_by)
        contact.save(force_insert=True)
    else:
        if contact.is_active and bytes(contact.address_hash) == address_hash(channel.value, _clean(channel, address)):
            raise SameAddress
        _move(contact, address, entered_by)
        contact.save(update_fields=FIELDS)
    # Ended and not deleted: the pace of codes counts them, whatever the address was.
    VerificationCode.objects.filter(contact=contact, ended_at=None).update(ended_at=timezone.now())
    publish_contacts(contacts=[contact])
    return contact


def publish_contacts(*, contacts: Iterable[ContactPoint]) -> None:
    """Tell the gate what these contact points are now."""
    rows = [gate_row(contact) for contact in contacts]
    if rows:
        gate.put_contacts(rows)


def gate_row(contact: ContactPoint) -> dict[str, object]:
    return {
        "contact_id": str(contact.id),
        "subject_id": str(contact.user_id),
        "channel": contact.channel,
        "version": contact.version,
        "sealed": b64encode(contact.sealed).decode("ascii"),
        "address_hash": bytes(contact.address_hash).hex(),
        "verified_at": contact.verified_at.isoformat() if contact.verified_at else None,
        "provenance": contact.provenance,
        "is_active": contact.is_active,
    }


def _roster_changes(contact: ContactPoint, address: str | None) -> bool:
    """Bring a roster contact to what the roster says now; whether that was a change."""
    if address is None:
        was_active, contact.is_active = contact.is_active, False
        return was_active
    if contact.is_active and bytes(contact.address_hash) == address_hash(
        contact.channel, _clean(Channel(contact.channel), address)
    ):
        return False
    _move(contact, address, Provenance.ROSTER)
    return True


def _move(contact: ContactPoint, address: str, provenance: Provenance) -> None:
    clean = _clean(Channel(contact.channel), address)
    contact.sealed = seal(clean.encode())
    contact.address_hash = address_hash(contact.channel, clean)
    contact.version += 1
    contact.verified_at = None
    contact.provenance = provenance
    contact.is_active = True


def _new_contact(user_id: UUID, channel: Channel, address: str, provenance: Provenance) -> ContactPoint:
    clean = _clean(channel, address)
    return ContactPoint(
        user_id=user_id,
        channel=channel,
        sealed=seal(clean.encode()),
        address_hash=address_hash(channel.value, clean),
        provenance=provenance,
    )


def _clean(channel: Channel, address: str) -> str:
    """The form under which the gate finds it; a number without a country code is one of the school's country."""
    return normalise_address(channel.value, address, country=getattr(connection.tenant, "country", None))
