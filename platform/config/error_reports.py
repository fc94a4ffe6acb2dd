"""Error reports to a Sentry-compatible service: types, places and ids, never what a person is called or wrote."""

import logging
import re
from collections.abc import Mapping
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.transport import Transport
from sentry_sdk.types import Event, Hint

from config import observability
from config.observability import HARMLESS_VALUE

# An event's name in our own logs, "dispatch.sent"; everything else may be a sentence with a person in it.
EVENT_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")


def send_error_reports(*, dsn: str, release: str = "", transport: type[Transport] | None = None) -> None:
    """Switch error reports on; `transport` only where a test wants to see what would leave."""
    sentry_sdk.init(
        dsn=dsn,
        release=release or None,
        transport=transport,
        # The SDK is asked to collect nothing; scrub_event does not rely on it.
        data_collection={
            "user_info": False,
            "cookies": {"mode": "off"},
            "http_headers": {"request": {"mode": "off"}},
            "http_bodies": [],
            "url_query_params": {"mode": "off"},
            "database_query_data": False,
            "queues": False,
            "stack_frame_variables": False,
            "frame_context_lines": 0,
        },
        max_request_body_size="never",
        max_breadcrumbs=20,
        auto_session_tracking=False,
        send_client_reports=False,
        traces_sample_rate=None,
        enable_logs=False,
        server_name="",
        # Only what we know: an integration switched on because a package is installed may add data of its own.
        auto_enabling_integrations=False,
        integrations=[
            DjangoIntegration(transaction_style="url", middleware_spans=False, signals_spans=False),
            CeleryIntegration(),
            LoggingIntegration(level=logging.INFO, event_level=logging.ERROR),
        ],
        before_send=scrub_event,
        before_send_transaction=lambda _event, _hint: None,
        before_breadcrumb=scrub_breadcrumb,
    )


def scrub_event(event: Event, hint: Hint) -> Event | None:
    """Build the report anew from types, places and ids. An error here drops the report (the SDK does so)."""
    hint.pop("attachments", None)
    source: Mapping[str, Any] = dict(event)
    clean: dict[str, Any] = {
        key: source[key]
        for key in ("event_id", "timestamp", "platform", "level", "release", "environment", "type")
        if source.get(key) is not None
    }
    clean["tags"] = {"process": observability.process_name}
    if (current := observability.request_id.get()) is not None:
        clean["tags"]["request_id"] = current
    if (school := observability.current_school()) is not None:
        clean["tags"]["school"] = school
    if source.get("transaction_info", {}).get("source") in ("route", "component", "task"):
        # "route" is the URL pattern; anything else could be the path itself, with a token in it.
        clean["transaction"] = source.get("transaction")
        clean["transaction_info"] = {"source": source["transaction_info"]["source"]}
    if isinstance(logger := source.get("logger"), str):
        clean["logger"] = logger
    if (name := _event_name(hint)) is not None:
        clean["logentry"] = {"message": name}
    if "exception" in source:
        clean["exception"] = {"values": [_scrub_exception(value) for value in source["exception"].get("values", [])]}
    crumbs = source.get("breadcrumbs")
    values = crumbs.get("values", []) if isinstance(crumbs, Mapping) else crumbs or []
    clean["breadcrumbs"] = {"values": [_scrub_crumb(crumb) for crumb in values]}
    # Our own type: Event is a TypedDict with every key optional.
    return clean  # type: ignore[return-value]


def scrub_breadcrumb(crumb: dict[str, Any], _hint: Hint) -> dict[str, Any] | None:
    return _scrub_crumb(crumb)


def _scrub_crumb(crumb: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: crumb[key] for key in ("type", "level", "timestamp") if key in crumb}
    if isinstance(category := crumb.get("category"), str) and HARMLESS_VALUE.fullmatch(category):
        kept["category"] = category
    if isinstance(message := crumb.get("message"), str) and EVENT_NAME.fullmatch(message):
        kept["message"] = message
    return kept


def _scrub_exception(value: Mapping[str, Any]) -> dict[str, Any]:
    frames = (value.get("stacktrace") or {}).get("frames") or []
    mechanism = value.get("mechanism") or {}
    return {
        "type": value.get("type"),
        "module": value.get("module"),
        # The message is where rows, addresses and texts are quoted.
        "value": "[removed]",
        "mechanism": {key: mechanism[key] for key in ("type", "handled") if key in mechanism},
        "stacktrace": {
            "frames": [
                {key: frame[key] for key in ("module", "function", "filename", "lineno", "in_app") if key in frame}
                for frame in frames
            ]
        },
    }


def _event_name(hint: Hint) -> str | None:
    """The name of our own log event; a library's sentence has none."""
    message = getattr(hint.get("log_record"), "msg", None)
    name = message.get("event") if isinstance(message, Mapping) else message
    return name if isinstance(name, str) and EVENT_NAME.fullmatch(name) else None
