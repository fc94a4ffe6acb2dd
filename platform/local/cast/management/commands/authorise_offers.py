from typing import Any

from local.cast.acts import PRODUCT, VENDOR_OFFERS, SchoolAct, holder_of
from opt_in.services.instructions import authorise_marketing
from tenants.access import Role
from tenants.schools.models import School


class Command(SchoolAct):
    help = "The director authorises the vendor to offer the Plus package to guardians by e-mail."

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        instruction_id = authorise_marketing(
            director=holder_of(Role.DIRECTOR), purposes=[VENDOR_OFFERS], products=[PRODUCT], channels=["email"]
        )
        return {"instruction": str(instruction_id)}
