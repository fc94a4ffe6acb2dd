from argparse import ArgumentParser
from typing import Any

from local.cast.acts import SchoolAct
from opt_in.gate import school as gate
from opt_in.gate.sealing import address_hash, normalise_address
from tenants.people.models import Channel, ContactPoint
from tenants.schools.models import School


class Command(SchoolAct):
    help = "What one guardian has decided, as the guardian sees it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("address")

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        found = address_hash(Channel.EMAIL, normalise_address(Channel.EMAIL, options["address"]))
        guardian = ContactPoint.objects.get(channel=Channel.EMAIL, address_hash=found).user_id
        return {"acts": [row.act for row in gate.consents_of(guardian)]}
