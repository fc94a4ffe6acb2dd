from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.utils import timezone

from local.cast.acts import PRODUCT, VENDOR_OFFERS, SchoolAct, holder_of
from opt_in.services.resolutions import Vote, record_resolution
from tenants.access import Role
from tenants.schools.models import School


class Command(SchoolAct):
    help = "The director records yesterday's resolution of the Parents' Council."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("outcome", choices=("positive", "negative"))
        parser.add_argument("--votes-for", type=int, required=True)
        parser.add_argument("--votes-against", type=int, required=True)

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        in_favour = options["outcome"] == "positive"
        resolution_id = record_resolution(
            recorded_by=holder_of(Role.DIRECTOR),
            in_favour=in_favour,
            decided_on=timezone.localdate() - timedelta(days=1),
            vote=Vote(votes_for=options["votes_for"], votes_against=options["votes_against"]),
            purposes=[VENDOR_OFFERS] if in_favour else [],
            products=[PRODUCT] if in_favour else [],
        )
        return {"resolution": str(resolution_id)}
