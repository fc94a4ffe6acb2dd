"""Refuses SQL that begins or ends transactions, or changes school, behind the backend's back."""

import re
from collections.abc import Callable
from typing import Any

from django.db import NotSupportedError
from psycopg import sql

# At the start of a text or after a semicolon, past blanks and comments.
_FORBIDDEN = re.compile(
    r"""(?:\A|;)(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*
    (?: begin | start\s+transaction | commit | end | rollback | abort | savepoint | release | prepare\s+transaction
      | discard | reset\s+(?:all|role|search_path|session) | set\s+(?:(?:local|session)\s+)?
        (?: role | search_path | schema | authorization | session\s+authorization | transaction | characteristics )
    )\b""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


class TransactionSqlRefused(NotSupportedError):
    """Use transaction.atomic and tenant_context: they are the only ways to change transaction or school."""


def refuse_transaction_sql(
    execute: Callable[..., Any], query: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """A wrapper around every statement that goes through a Django cursor."""
    text = query
    if isinstance(query, sql.Composable):
        text = query.as_string(None)
    elif isinstance(query, bytes):
        text = query.decode()
    if found := _FORBIDDEN.search(text):
        raise TransactionSqlRefused(f"{' '.join(found.group().split())} …")
    return execute(query, params, many, context)
