from typing import Any

from local.cast.acts import SchoolAct, holder_of
from tenants.access import Role
from tenants.people.models import Channel, User
from tenants.people.services.roles import appoint_council_chair
from tenants.schools.models import School


class Command(SchoolAct):
    help = "The director appoints a guardian with an e-mail address as chair of the Parents' Council."

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        guardians = User.objects.filter(role_assignments__role=Role.GUARDIAN, role_assignments__until=None)
        chair = guardians.filter(contacts__channel=Channel.EMAIL, contacts__is_active=True).order_by("sourced_id")[0]
        appoint_council_chair(director=holder_of(Role.DIRECTOR), chair=chair)
        return {"chair": str(chair.id)}
