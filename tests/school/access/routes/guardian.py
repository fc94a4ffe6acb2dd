"""A guardian's own contacts, consents and messages."""

from uuid import UUID

from opt_in.gate import school as gate
from opt_in.services.consents import refuse_consent
from tenants.people.models import Channel, Provenance
from tenants.people.services.contacts import change_contact
from tenants.people.services.verification import request_code
from tests.school.access.routes.cast import Cast, Routes


def _email(_cast: Cast) -> dict[str, object]:
    return {"channel": "email"}


def _event(cast: Cast) -> dict[str, object]:
    refuse_consent(guardian=cast.guardian, channel="email")
    return {"event_id": gate.consents_of(cast.guardian.id)[-1].event_id}


def _envelope(cast: Cast) -> dict[str, object]:
    return {"envelope_id": _sent_to_guardian(cast)}


def _sent_to_guardian(cast: Cast) -> UUID:
    address = "gaja@family.example"
    contact = change_contact(person=cast.guardian, channel=Channel.EMAIL, address=address, entered_by=Provenance.SELF)
    return request_code(contact=contact)


ROUTES: Routes = {
    "contact": _email,
    "contact-code": _email,
    "contact-code-send": _email,
    "consent-give": _email,
    "consent-withdraw": _email,
    "consent-receipt": _event,
    "consent-receipt-file": _event,
    "message": _envelope,
    "why": _envelope,
}
