"""Whether a guardian objected to everything of the vendor."""

from opt_in.gate import school as gate
from tenants.people.models import User


def has_objected(guardian: User) -> bool:
    """As the gate tells it about the guardian's newest message."""
    newest = gate.envelopes_of(guardian.id, limit=1)
    return bool(newest) and bool(gate.explain(newest[0].envelope_id)["now"]["objected"])
