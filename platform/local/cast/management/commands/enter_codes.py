import json
import sys
from typing import Any

from local.cast.acts import SchoolAct, contact_of
from tenants.people.services.verification import verify_contact
from tenants.schools.models import School


class Command(SchoolAct):
    help = "People enter the codes they received. Reads {address: code} from standard input."

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        received: dict[str, str] = json.load(sys.stdin)
        for address, code in received.items():
            verify_contact(contact=contact_of(address), code=code)
        return {"verified": len(received)}
