"""What a previewed roster would give that not everybody who may import may give."""

from tenants.access import Role
from tenants.onboarding.models import RosterImport


def makes_administrators(roster_import: RosterImport) -> bool:
    """Whether somebody becomes a school administrator, who may change everybody's rights."""
    role = Role.ADMINISTRATOR.value
    with_role = roster_import.differences.filter(details__contains=[{"field": "roles", "after": [role]}])
    return any(
        detail["field"] == "roles" and role in detail["after"] and role not in (detail["before"] or ())
        for details in with_role.values_list("details", flat=True)
        for detail in details
    )
