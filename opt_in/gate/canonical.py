"""RFC 8785 for the subset that the gate uses: strings, integers within 2^53, booleans, null, ASCII keys."""

import hashlib
import json
from typing import Any

LARGEST_INTEGER = 2**53 - 1


class NotCanonical(ValueError):
    """The value has no form in our subset: a fraction, a huge integer, a key outside ASCII."""


def canonical_json(value: Any) -> str:
    """The one text of this value."""
    _check(value)
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def canonical_bytes(value: Any) -> bytes:
    return canonical_json(value).encode()


def content_hash(value: Any) -> bytes:
    """SHA-256 of the canonical bytes."""
    return hashlib.sha256(canonical_bytes(value)).digest()


def _check(value: Any) -> None:
    match value:
        case None | bool():
            return
        case str():
            # A lone surrogate has no UTF-8 form.
            value.encode()
        case int():
            if abs(value) > LARGEST_INTEGER:
                raise NotCanonical(f"{value} does not fit into a double")
        case dict():
            for key, item in value.items():
                if not isinstance(key, str) or not key.isascii():
                    raise NotCanonical(f"key {key!r} is not ASCII text")
                _check(item)
        case list() | tuple():
            for item in value:
                _check(item)
        case _:
            raise NotCanonical(f"{type(value).__name__} has no canonical form here")
