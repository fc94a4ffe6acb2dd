"""The provisioner's calls (login zgoda_owner)."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from opt_in.gate.calls import CursorSource, call


def register_school(
    *,
    school_id: UUID,
    role_name: str,
    names: Mapping[str, str],
    country: str,
    languages: Sequence[str],
    time_zone: str,
    connection: CursorSource | None = None,
) -> None:
    """`role_name` must be school_<hex of the id> and exist without login; `names` maps languages to names."""
    call(
        "SELECT consent.register_school(%s, %s, %s::jsonb, %s, %s::text[], %s)",
        [school_id, role_name, json.dumps(dict(names)), country, list(languages), time_zone],
        connection,
    )


def rename_school(*, school_id: UUID, names: Mapping[str, str], connection: CursorSource | None = None) -> None:
    """Old names go on counting as the school's, for rule 3."""
    call("SELECT consent.rename_school(%s, %s::jsonb)", [school_id, json.dumps(dict(names))], connection)


def register_sender(
    *,
    sender_id: str,
    display_name: str,
    address: str,
    has_one_click: bool,
    has_stop_word: bool,
    connection: CursorSource | None = None,
) -> None:
    """A sender of the vendor. It never changes; a new name is a new sender."""
    call(
        "SELECT consent.register_sender(%s, %s, %s, %s, %s)",
        [sender_id, display_name, address, has_one_click, has_stop_word],
        connection,
    )
