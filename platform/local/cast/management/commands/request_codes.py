from typing import Any

from local.cast.acts import SchoolAct
from tenants.access import Role
from tenants.people.models import Channel, ContactPoint
from tenants.people.services.contacts import request_code
from tenants.schools.models import School


class Command(SchoolAct):
    help = "Every third guardian with an e-mail address asks for a code to verify it."

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        contacts = ContactPoint.objects.filter(
            channel=Channel.EMAIL,
            is_active=True,
            user__role_assignments__role=Role.GUARDIAN,
            user__role_assignments__until=None,
        ).order_by("user__sourced_id")
        asking = list(contacts.select_related("user"))[::3]
        for contact in asking:
            request_code(person=contact.user, contact=contact)
        return {"asked": len(asking)}
