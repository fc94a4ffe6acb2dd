"""Whether a guardian objected to everything of the vendor."""

from opt_in.gate import school as gate
from tenants.people.models import User


def has_objected(guardian: User) -> bool:
    """In person, at this school. An objection that hangs on an address closes that address only."""
    return any(row.reason == "objection" and row.channel is None for row in gate.suppressions_of(guardian.id))
