from typing import Any

from local.cast.acts import SchoolAct, holder_of
from opt_in.services.instructions import revoke_marketing
from tenants.access import Role
from tenants.schools.models import School


class Command(SchoolAct):
    help = "The director revokes the vendor's authorisation."

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        revocation = revoke_marketing(director=holder_of(Role.DIRECTOR), reason="The parents did not like the offer.")
        return {"effective_at": revocation.effective_at.isoformat(), "handed_over": revocation.handed_over}
