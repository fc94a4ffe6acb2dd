from typing import Any

from local.cast.acts import SchoolAct
from opt_in.gate import school as gate
from opt_in.purposes import VENDOR_OFFERS
from opt_in.services.consents import give_consent
from tenants.access import Role
from tenants.people.models import Channel, ContactPoint
from tenants.schools.models import School


class Command(SchoolAct):
    help = "Every guardian with a verified e-mail address says yes to offers by e-mail."

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        notices = {notice.language: notice for notice in gate.notices() if notice.purpose == VENDOR_OFFERS}
        contacts = ContactPoint.objects.filter(
            channel=Channel.EMAIL,
            is_active=True,
            verified_at__isnull=False,
            user__role_assignments__role=Role.GUARDIAN,
            user__role_assignments__until=None,
        ).select_related("user")
        for contact in contacts:
            notice = notices.get(contact.user.language, notices["en"])
            give_consent(guardian=contact.user, contact=contact, notice_id=notice.notice_id, capture="portal")
        return {"said_yes": len(contacts)}
