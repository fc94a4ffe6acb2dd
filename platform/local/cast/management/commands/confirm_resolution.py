from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from local.cast.acts import SchoolAct, holder_of
from opt_in.services.resolutions import confirm_resolution
from tenants.access import Role
from tenants.schools.models import School


class Command(SchoolAct):
    help = "The chair of the Parents' Council confirms a resolution."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("resolution", type=UUID)

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        confirm_resolution(chair=holder_of(Role.CHAIR), resolution_id=options["resolution"])
        return {"confirmed": str(options["resolution"])}
