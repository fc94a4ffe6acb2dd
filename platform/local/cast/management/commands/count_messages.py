from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from local.cast.acts import SchoolAct
from opt_in.gate import school as gate
from tenants.access import Role
from tenants.people.models import User
from tenants.schools.models import School


class Command(SchoolAct):
    help = "How a campaign went at this school: guardians, and messages by state and code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("campaign", type=UUID)

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        guardians = User.objects.filter(
            is_active=True, role_assignments__role=Role.GUARDIAN, role_assignments__until=None
        )
        counts = gate.counts(options["campaign"])
        return {
            "guardians": guardians.count(),
            "messages": [{"state": row.state, "code": row.code, "count": row.messages} for row in counts],
        }
