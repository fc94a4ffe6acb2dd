from typing import Any

from local.cast.acts import SchoolAct, holder_of
from tenants.access import Role
from tenants.schools.models import School
from tenants.schools.services.lifecycle import go_live


class Command(SchoolAct):
    help = "The director opens the school to guardians."

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        return {"live_at": go_live(school=school, director_id=holder_of(Role.DIRECTOR).id).isoformat()}
