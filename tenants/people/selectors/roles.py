from tenants.access import Action, Overrides, Role, Scope
from tenants.people.models import RoleAssignment, ScopeOverride, User


def roles_of(person: User) -> frozenset[Role]:
    """The roles this person has now."""
    values = RoleAssignment.objects.filter(user=person, until=None).values_list("role", flat=True)
    return frozenset(Role(value) for value in values)


def has_director() -> bool:
    """Whether an active person directs the school now."""
    return RoleAssignment.objects.filter(role=Role.DIRECTOR, until=None, user__is_active=True).exists()


def overrides() -> Overrides:
    """The cells that this school changed. A word the matrix no longer has is left out: it grants nothing."""
    rows = ScopeOverride.objects.values_list("action", "role", "scope")
    return {
        (Action(action), Role(role)): Scope(scope)
        for action, role, scope in rows
        if action in _ACTIONS and role in _ROLES and scope in _SCOPES
    }


_ACTIONS = {action.value for action in Action}
_ROLES = {role.value for role in Role}
_SCOPES = {scope.value for scope in Scope}
