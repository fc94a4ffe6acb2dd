from typing import Any

from local.cast.acts import SchoolAct, holder_of
from opt_in.gate import school as gate
from tenants.access import Role
from tenants.schools.models import School


class Command(SchoolAct):
    help = "The director opens the school to guardians."

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        return {"live_at": gate.go_live(actor=holder_of(Role.DIRECTOR).id).isoformat()}
