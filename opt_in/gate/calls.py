"""How a function of schema consent is called: any DB-API connection, typed rows back, typed errors."""

import json
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from opt_in.gate.errors import BY_SQLSTATE

Row = TypeVar("Row")


class CursorSource(Protocol):
    """A Django connection wrapper or a psycopg connection."""

    def cursor(self) -> Any:
        """Return a DB-API cursor that is a context manager."""


def call(
    query: str, parameters: Sequence[object] = (), connection: CursorSource | None = None
) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows, with bytes as bytes and arrays as tuples.

    `connection` defaults to Django's. An error of the gate comes back as its GateError; a surrounding transaction is
    broken by it, as by any other error of the database.
    """
    source: Any = connection
    if source is None:
        from django.db import connection as source  # only where Django is set up
    try:
        with source.cursor() as cursor:
            cursor.execute(query, parameters)
            return [tuple(_plain(value) for value in row) for row in cursor.fetchall()]
    except Exception as error:
        sqlstate, message = _said_by_database(error)
        if sqlstate in BY_SQLSTATE:
            raise BY_SQLSTATE[sqlstate](message, sqlstate) from error
        raise


def call_one(query: str, parameters: Sequence[object] = (), connection: CursorSource | None = None) -> tuple[Any, ...]:
    """The one row of a function that always returns one."""
    (row,) = call(query, parameters, connection)
    return row


def call_value(query: str, parameters: Sequence[object] = (), connection: CursorSource | None = None) -> Any:
    """The one value of a function that returns one."""
    return call_one(query, parameters, connection)[0]


def rows_of(
    row: type[Row], query: str, parameters: Sequence[object] = (), connection: CursorSource | None = None
) -> list[Row]:
    """Rows as dataclasses whose fields stand in the order of the columns."""
    return [row(*values) for values in call(query, parameters, connection)]


def from_json(value: Any) -> Any:
    """Django hands jsonb out as text, psycopg as objects."""
    return json.loads(value) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, list):
        return tuple(value)
    return value


def _said_by_database(error: BaseException) -> tuple[str | None, str]:
    """SQLSTATE and message of psycopg's error, which Django wraps."""
    cause: BaseException | None = error
    while cause is not None:
        sqlstate = getattr(cause, "sqlstate", None)
        if isinstance(sqlstate, str):
            message = getattr(getattr(cause, "diag", None), "message_primary", None)
            return sqlstate, message or str(cause)
        cause = cause.__cause__
    return None, str(error)
