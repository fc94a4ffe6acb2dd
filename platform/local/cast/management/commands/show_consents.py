from argparse import ArgumentParser
from typing import Any

from local.cast.acts import SchoolAct, contact_of
from opt_in.gate import school as gate
from tenants.schools.models import School


class Command(SchoolAct):
    help = "What one guardian has decided, as the guardian sees it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("address")

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        guardian = contact_of(options["address"]).user_id
        return {"acts": [row.act for row in gate.consents_of(guardian)]}
