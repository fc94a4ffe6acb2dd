import sys
from typing import Any

from django.db.models import Count, QuerySet

from local.cast.acts import SchoolAct
from tenants.access import Role
from tenants.identity import new_id
from tenants.people.models import Channel, User
from tenants.people.services.people import PersonRecord, put_people
from tenants.schools.models import School

ADMINISTRATORS = {"sl": ("Nada", "Zupan"), "pl": ("Halina", "Wrona"), "uk": ("Оксана", "Лисенко")}


class Command(SchoolAct):
    help = "A few people of the school get the demo's password, read from standard input."

    def act(self, school: School, options: dict[str, Any]) -> dict[str, Any]:
        password = sys.stdin.read().strip()
        opened = []
        for role, person in self.chosen(school):
            person.set_password(password)
            person.save(update_fields=["password"])
            opened.append([role, person.username])
        return {"opened": opened}

    def chosen(self, school: School) -> list[tuple[str, User]]:
        found = [(role.value, _with(role).first()) for role in (Role.DIRECTOR, Role.SECRETARY)]
        found.append((Role.ADMINISTRATOR.value, _administrator(school)))
        found.append(("teacher", _with(Role.HOMEROOM).first() or _with(Role.TEACHER).first()))
        guardians = _with(Role.GUARDIAN)
        reachable = guardians.filter(contacts__channel=Channel.EMAIL, contacts__is_active=True)
        # The story appoints this one as chair of the Parents' Council.
        found.append(("guardian (chair)", reachable.first()))
        # With several children there is more to see.
        many = reachable.annotate(children=Count("wards", distinct=True)).order_by("-children", "sourced_id")
        found.append(("guardian", many.exclude(pk=reachable[0].pk).first()))
        found.append(("pupil", _with(Role.PUPIL).first()))
        return [(role, person) for role, person in found if person is not None]


def _administrator(school: School) -> User:
    """No roster has one, so the demo enters one."""
    known = User.objects.filter(username="office").first()
    given_name, family_name = ADMINISTRATORS[school.languages[0]]
    person = PersonRecord(
        id=known.id if known else new_id(),
        sourced_id=None,
        username="office",
        given_name=given_name,
        middle_name="",
        family_name=family_name,
        roles=frozenset({Role.ADMINISTRATOR}),
        language=school.languages[0],
    )
    put_people(people=[person])
    return User.objects.get(pk=person.id)


def _with(role: Role) -> QuerySet[User]:
    holders = User.objects.filter(role_assignments__role=role, role_assignments__until=None, is_active=True)
    return holders.order_by("sourced_id")
