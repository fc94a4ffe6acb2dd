"""What a roster, or its undo, would give that not everybody who may import may give."""

from tenants.access import Role
from tenants.onboarding.models import RosterChange, RosterImport


def makes_administrators(roster_import: RosterImport) -> bool:
    """Whether somebody becomes a school administrator, who may change everybody's rights."""
    role = Role.ADMINISTRATOR.value
    with_role = roster_import.differences.filter(details__contains=[{"field": "roles", "after": [role]}])
    return any(
        detail["field"] == "roles" and role in detail["after"] and role not in (detail["before"] or ())
        for details in with_role.values_list("details", flat=True)
        for detail in details
    )


def ended_administrators(roster_import: RosterImport) -> bool:
    """Whether this applied import took that role from somebody, who would have it back after the undo."""
    roles = RosterChange.objects.filter(roster_import=roster_import, table="role")
    return roles.filter(before__role=Role.ADMINISTRATOR, before__until=None).exists()
