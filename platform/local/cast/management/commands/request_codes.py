from argparse import ArgumentParser
from typing import Any

from local.cast.acts import SchoolAct
from tenants.access import Role
from tenants.people.models import Channel, ContactPoint
from tenants.people.services.verification import request_code
from tenants.schools.models import School


class Command(SchoolAct):
    help = "People with an unverified e-mail address ask for a code to verify it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("role", type=Role)
        parser.add_argument("--every", type=int, default=1, help="3: every third of them")

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        contacts = ContactPoint.objects.filter(
            channel=Channel.EMAIL,
            is_active=True,
            verified_at=None,
            user__role_assignments__role=options["role"],
            user__role_assignments__until=None,
        ).order_by("user__sourced_id")
        asking = list(contacts)[:: options["every"]]
        for contact in asking:
            request_code(contact=contact)
        return {"asked": len(asking)}
