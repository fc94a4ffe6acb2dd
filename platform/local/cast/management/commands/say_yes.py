import json
import sys
from typing import Any

from local.cast.acts import SchoolAct
from opt_in.gate import school as gate
from opt_in.gate.sealing import address_hash, normalise_address
from opt_in.services.consents import VENDOR_OFFERS, give_consent
from tenants.people.models import Channel, ContactPoint
from tenants.people.services.verification import verify_contact
from tenants.schools.models import School


class Command(SchoolAct):
    help = "Guardians enter the codes they received and say yes to offers by e-mail. Reads {address: code} from stdin."

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        received: dict[str, str] = json.load(sys.stdin)
        notices = {notice.language: notice for notice in gate.notices() if notice.purpose == VENDOR_OFFERS}
        for address, code in received.items():
            found = address_hash(Channel.EMAIL, normalise_address(Channel.EMAIL, address))
            contact = ContactPoint.objects.select_related("user").get(channel=Channel.EMAIL, address_hash=found)
            verified = verify_contact(contact=contact, code=code)
            notice = notices.get(contact.user.language, notices["en"])
            give_consent(guardian=contact.user, contact=verified, notice_id=notice.notice_id, capture="portal")
        return {"said_yes": len(received)}
