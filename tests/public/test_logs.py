import ast
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.test import Client

from config import observability
from local.places import ROOT

NAME = "Majda Zakrajšek"
ADDRESS = "majda.zakrajsek@example.si"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What this process writes to its log, as it writes it."""
    observability.configure(process="public")
    (handler,) = (handler for handler in logging.getLogger().handlers if type(handler) is logging.StreamHandler)
    stream = io.StringIO()
    former = handler.setStream(stream)
    yield stream
    handler.setStream(former)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_log_line_names_its_process_and_keeps_ids(written: io.StringIO) -> None:
    structlog.get_logger("zgoda.test").info("test.happened", envelope="0198a3f2-77aa-7000-8000-000000000001", count=3)

    (line,) = lines(written)
    assert line.pop("timestamp")
    assert line == {
        "event": "test.happened",
        "logger": "zgoda.test",
        "level": "info",
        "process": "public",
        "envelope": "0198a3f2-77aa-7000-8000-000000000001",
        "count": 3,
    }


def test_a_log_line_drops_unknown_keys_and_values_that_are_no_ids(written: io.StringIO) -> None:
    structlog.get_logger("zgoda.test").info("test.happened", name=NAME, code=ADDRESS, reason=NAME)

    (line,) = lines(written)
    assert "name" not in line
    assert line["code"] == "[removed]"
    assert line["reason"] == "[removed]"


def test_a_librarys_sentence_becomes_the_librarys_name(written: io.StringIO) -> None:
    logging.getLogger("some.library").warning("Cannot write to %s (%s)", ADDRESS, NAME)

    (line,) = lines(written)
    assert line["event"] == "some.library"
    assert line["level"] == "warning"


def test_an_exception_is_logged_by_type_and_place(written: io.StringIO) -> None:
    try:
        raise ValueError(f"Key (name)=({NAME})")
    except ValueError as error:
        structlog.get_logger("zgoda.test").error("test.failed", exc_info=error)

    (line,) = lines(written)
    assert line["exception"].startswith("ValueError at tests.public.test_logs:")
    assert NAME not in json.dumps(line, ensure_ascii=False)


def test_the_token_in_a_wrong_link_is_not_logged(client: Client, written: io.StringIO) -> None:
    client.get("/w/not-a-token-but-secret")

    assert "not-a-token-but-secret" not in written.getvalue()
    assert "django.request" in written.getvalue()


def test_whatever_our_code_logs_may_also_be_written() -> None:
    """A key that is not on the list is dropped in silence: who stopped a campaign would be known to nobody."""
    levels = {"debug", "info", "warning", "error", "exception"}
    dropped = []
    for folder in ("platform", "tenants", "ediary_core", "opt_in", "notifications"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in levels:
                    is_log = isinstance(node.func.value, ast.Name) and node.func.value.id == "log"
                    keys = {keyword.arg for keyword in node.keywords} - observability.LOG_KEYS - {"exc_info"}
                    dropped += [f"{path.name}:{node.lineno} {key}" for key in keys if is_log]

    assert dropped == []
