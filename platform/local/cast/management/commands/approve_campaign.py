from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from local.cast.acts import SchoolAct, holder_of
from opt_in.gate import school as gate
from opt_in.services.approvals import approve_content
from tenants.access import Role
from tenants.schools.models import School


class Command(SchoolAct):
    help = "The director approves the content of a campaign, exactly as it was shown."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("campaign", type=UUID)

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        shown = gate.campaign_content(options["campaign"])
        approve_content(
            director=holder_of(Role.DIRECTOR), campaign_id=options["campaign"], content_sha256=shown.content_sha256
        )
        return {"approved": shown.content_sha256.hex()}
