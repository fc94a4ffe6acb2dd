"""What one person may do, read once and asked often."""

from dataclasses import dataclass

from tenants.access import Action, Overrides, Role, Scope, scope_for
from tenants.people.models import User
from tenants.people.selectors.roles import overrides, roles_of


@dataclass(frozen=True, slots=True)
class Access:
    """A person's roles, and the cells of the matrix that the school changed."""

    roles: frozenset[Role]
    overrides: Overrides

    def reach(self, action: Action) -> Scope:
        return scope_for(roles=self.roles, action=action, overrides=self.overrides)


NOBODY = Access(frozenset(), {})


def access_of(person: User) -> Access:
    """What the person may do now: nothing for whoever is not active."""
    return Access(roles_of(person), overrides()) if person.is_active else NOBODY
