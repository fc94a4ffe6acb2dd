"""What a school changes in the matrix (ACC-2), never above a cell's ceiling."""

from django.db import transaction

from tenants.access import MATRIX, Action, Role, Scope, require_below_ceiling
from tenants.people.models import ScopeOverride


@transaction.atomic
def set_scope(*, action: Action, role: Role, scope: Scope) -> None:
    """Change one cell for this school; the cell's own scope puts it back."""
    require_below_ceiling(action=action, role=role, scope=scope)
    if scope == MATRIX[action][role].scope:
        ScopeOverride.objects.filter(action=action, role=role).delete()
    else:
        ScopeOverride.objects.update_or_create(action=action, role=role, defaults={"scope": scope})
