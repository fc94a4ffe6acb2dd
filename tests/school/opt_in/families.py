"""A school that lets the vendor ask, and guardians who can answer."""

from typing import Any

from django.utils import timezone

from opt_in.gate import school as gate
from opt_in.services.instructions import authorise_marketing
from opt_in.services.resolutions import Vote, confirm_resolution, record_resolution
from tenants.people.models import Channel, ContactPoint, Provenance, User
from tenants.people.services.contacts import change_contact, publish_contacts
from tenants.people.services.roles import appoint_council_chair
from tenants.schools.models import School
from tenants.schools.services.lifecycle import go_live

SCOPE: dict[str, Any] = {"purposes": ["vendor_offers"], "products": ["plus"]}


def authorise(school: School, director: User, chair: User, *channels: str) -> None:
    """The school is live, its Council agreed, and its director lets the vendor ask through these channels."""
    go_live(school=school, director_id=director.id)
    appoint_council_chair(director=director, chair=chair)
    resolution_id = record_resolution(
        recorded_by=director, in_favour=True, decided_on=timezone.localdate(), vote=Vote(9, 1), **SCOPE
    )
    confirm_resolution(chair=chair, resolution_id=resolution_id)
    authorise_marketing(director=director, channels=list(channels), **SCOPE)


def verify(person: User, channel: Channel, address: str | None = None) -> ContactPoint:
    """The person's address on this channel, verified."""
    if address is not None:
        change_contact(person=person, channel=channel, address=address, entered_by=Provenance.SELF)
    contact = ContactPoint.objects.get(user=person, channel=channel)
    contact.verified_at = timezone.now()
    contact.save(update_fields=["verified_at"])
    publish_contacts(contacts=[contact])
    return contact


def acts_of(person: User) -> list[tuple[str, str]]:
    """What the gate wrote down of this person, oldest first."""
    return [(event.act, event.channel) for event in gate.consents_of(person.id)]
