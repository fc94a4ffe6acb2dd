from typing import Any

from local.cast.acts import SchoolAct
from opt_in.gate import school as gate
from tenants.schools.models import School


class Command(SchoolAct):
    help = "What the director sees: every attempt of the vendor at this school, also those refused at once."

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        return {
            "proposals": [
                {"campaign": str(row.campaign_id), "verdict": row.verdict, "code": row.code} for row in gate.proposals()
            ]
        }
