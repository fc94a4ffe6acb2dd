"""A school's ledger as the lines of an export (docs/ledger.md), read by a witness; and exports made up from leaves."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import psycopg

from opt_in.gate import witness
from opt_in.gate.canonical import canonical_json

STREAMS = ("authority", "dispatch", "vendor")
AT_ONCE = 10_000

Connection = psycopg.Connection[tuple[Any, ...]]


def exported(school_id: UUID, connection: Connection) -> list[str]:
    """All three streams, as the platform wrote them."""
    lines, heads = [], {}
    for stream in STREAMS:
        size, root = 0, bytes(32)
        while leaves := witness.read_ledger(
            school_id=school_id, stream=stream, from_seq=size + 1, max_leaves=AT_ONCE, connection=connection
        ):
            lines += [leaf.export_line() for leaf in leaves]
            size, root = leaves[-1].seq, leaves[-1].chain
        heads[stream] = {"size": size, "root": root.hex()}
    return [_header(str(school_id), heads), *lines]


def forged(school_id: str, streams: Mapping[str, Iterable[Mapping[str, Any]]]) -> list[str]:
    """An export of these leaves in which every hash fits: what an operator could write who has all of it rewritten."""
    lines, heads = [], {}
    for stream in STREAMS:
        size, chain = 0, bytes(32)
        for size, leaf in enumerate(streams[stream], start=1):
            digest = hashlib.sha256(b"\x00" + canonical_json(leaf).encode()).digest()
            chain = hashlib.sha256(b"\x01" + chain + digest).digest()
            line = {"stream": stream, "seq": size, "leaf": leaf, "hash": digest.hex(), "chain": chain.hex()}
            lines.append(canonical_json(line))
        heads[stream] = {"size": size, "root": chain.hex()}
    return [_header(school_id, heads), *lines]


def _header(school_id: str, heads: Mapping[str, Mapping[str, object]]) -> str:
    return canonical_json({"format": "zgoda-ledger/1", "school": school_id, "streams": heads})
