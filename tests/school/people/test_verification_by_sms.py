from opt_in.gate import school as gate
from opt_in.gate.sealing import unseal
from tenants.people.models import Channel, Provenance, User
from tenants.people.services.contacts import change_contact
from tenants.people.services.verification import request_code


def test_a_code_for_a_phone_goes_to_the_phone(guardian: User) -> None:
    contact = change_contact(person=guardian, channel=Channel.SMS, address="051 234 567", entered_by=Provenance.SELF)

    envelope = request_code(contact=contact)

    (queued,) = [item for item in gate.envelopes(limit=10) if item.envelope_id == envelope]
    assert (queued.kind, queued.channel, queued.state) == ("contact.code", "sms", "queued")
    assert unseal(bytes(contact.sealed)) == b"+38651234567"
