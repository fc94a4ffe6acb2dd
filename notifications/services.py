"""The one way to tell a person something from inside a school."""

import hashlib
import json
from datetime import datetime
from uuid import UUID

from notifications.kinds import KINDS, Parameters, UnusableParameters
from opt_in.gate import school as gate
from opt_in.gate.sealing import seal


def notify(
    *,
    kind: str,
    recipient: UUID,
    parameters: Parameters,
    channel: str = "email",
    contact: UUID | None = None,
    dedupe_key: str | None = None,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> UUID:
    """Queue one message to one person of the present school; returns the envelope's id.

    Call it inside the transaction that makes the message true: it is queued if and only if that commits. Without
    `contact` the person's verified contact on the channel is used. `dedupe_key` makes a second call harmless.
    """
    if type(parameters) is not KINDS[kind].parameters:
        raise UnusableParameters(f"{kind} takes {KINDS[kind].parameters.__name__}")
    content = json.dumps(parameters.as_dict(), ensure_ascii=False, separators=(",", ":")).encode()
    sealed = seal(content)
    return gate.enqueue(
        kind=kind,
        subject=recipient,
        channel=channel,
        contact_id=contact,
        params=sealed,
        # Of what is stored: a hash of the plain text would give away a six-digit code.
        content_sha256=hashlib.sha256(sealed).digest(),
        dedupe_key=dedupe_key,
        not_before=not_before,
        expires_at=expires_at,
    )
