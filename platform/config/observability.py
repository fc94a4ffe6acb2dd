"""What a process may say about itself: structured logs and error reports that name ids, never people.

Both are built from what is known to be harmless instead of removing what is known to be harmful: an exception's
message quotes rows ("Key (username)=(…) already exists"), a path holds a token, a log argument may be a name. What is
not on a list below does not leave the process.
"""

import logging
import logging.config
import re
import sys
import traceback
import uuid
from collections.abc import Callable, Mapping, MutableMapping
from contextvars import ContextVar
from types import TracebackType
from typing import Any

import structlog
from django.db import connection
from django.http import HttpRequest, HttpResponse

process_name = "unknown"
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

# What an id, a code, a number or a dotted name looks like; no spaces, no "@", no leading "+".
HARMLESS_VALUE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,99}")
# What our log events may carry. A new key belongs here once somebody has thought about its values.
LOG_KEYS = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "logger",
        "process",
        "request_id",
        "school",
        "task",
        "envelope",
        "campaign",
        "code",
        "outcome",
        "kind",
        "class",
        "channel",
        "stream",
        "verdict",
        "count",
        "queued",
        "suppressed",
        "handled",
        "swept",
        "seconds",
        "status",
        "method",
        "route",
        "attempt",
        "exception",
        "reason",
        "host",
        "port",
        "pid",
        "version",
        "size",
        "file",
        "line",
        "field",
        "action",
        "role",
        "stage",
        "operator",
    }
)


def configure(*, process: str, sentry_dsn: str = "", release: str = "") -> None:
    """Set up logs and error reports of this process; call it once, from its settings module."""
    global process_name
    process_name = process
    _configure_logs()
    if sentry_dsn:
        # Only here: the SDK and its integrations cost every process 14 MB, also where they are off.
        from config.error_reports import send_error_reports

        send_error_reports(dsn=sentry_dsn, release=release)


def _configure_logs() -> None:
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_context,
    ]
    structlog.configure(
        processors=[*shared, hand_to_logging],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [name_foreign_event, *shared],
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        describe_exception,
                        keep_harmless,
                        structlog.processors.JSONRenderer(sort_keys=True),
                    ],
                    "use_get_message": False,
                    "keep_exc_info": False,
                    "keep_stack_info": False,
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": "INFO"},
            # Django's own handlers print paths and mail tracebacks to ADMINS.
            "loggers": {
                "django": {"handlers": [], "level": "INFO", "propagate": True},
                "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            },
        }
    )


def hand_to_logging(logger: Any, method: str, event: MutableMapping[str, Any]) -> tuple[tuple[Any], dict[str, Any]]:
    """Structlog's own wrapper, and the exception beside it so that error reports see it too."""
    args, kwargs = structlog.stdlib.ProcessorFormatter.wrap_for_formatter(logger, method, event)
    return args, {**kwargs, "exc_info": event.get("exc_info")}


def add_context(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Say which process, request and school an event belongs to."""
    event["process"] = process_name
    if (current := request_id.get()) is not None:
        event.setdefault("request_id", current)
    if (school := current_school()) is not None:
        event.setdefault("school", school)
    return event


def current_school() -> str | None:
    """The school whose schema this thread's connection is in; read where it is used, so it cannot be out of date."""
    schema = getattr(connection, "schema_name", None)
    if isinstance(schema, str) and schema.startswith("school_"):
        return str(uuid.UUID(schema.removeprefix("school_")))
    return None


def name_foreign_event(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Give a library's log line a name instead of its text: the text has paths, addresses and rows in it."""
    record = event.get("_record")
    name = record.name if isinstance(record, logging.LogRecord) else "library"
    return {**event, "event": f"library.{name}" if "." not in name else name}


def describe_exception(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace an exception by its types and places; its message may quote a person."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[1] is not None:
        event["exception"] = describe(info[1])
    return event


def describe(error: BaseException) -> str:
    """ "TypeName at module:line < CauseName at module:line", without any message."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        parts.append(f"{type(current).__name__} at {_place(current.__traceback__)}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return " < ".join(parts)


def _place(trace: TracebackType | None) -> str:
    last = None
    for frame, line in traceback.walk_tb(trace):
        last = f"{frame.f_globals.get('__name__', '?')}:{line}"
    return last or "?"


def keep_harmless(_logger: Any, _method: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the known keys with values that look like an id, a code or a number."""
    kept: dict[str, Any] = {}
    for key, value in event.items():
        if key not in LOG_KEYS:
            continue
        if value is None or isinstance(value, bool | int | float):
            kept[key] = value
        elif key == "exception" or HARMLESS_VALUE.fullmatch(str(value)):
            kept[key] = str(value)
        else:
            kept[key] = "[removed]"
    return kept


class RequestContext:
    """Give each request an id that logs, error reports and the answer share."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Never taken from the client: a header could carry a name into every log line.
        token = request_id.set(uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get() or ""
            return response
        finally:
            request_id.reset(token)
