import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
import structlog
from celery import Celery, signals
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from config import observability
from tests.public.capturing import captured_reports

NAME = "Majda Zakrajšek"
ADDRESS = "majda.zakrajsek@example.si"
NUMBER = "+38640123456"
TEXT = "Otrok je danes odsoten zaradi bolezni"
SECRETS = (NAME, "Zakraj", ADDRESS, "majda", NUMBER, "40123456", TEXT, "bolezni")


class RowRefused(Exception):
    pass


def keep_logging(**_: Any) -> None:
    """As config.celery does."""


def failing_view(request: HttpRequest, name: str) -> HttpResponse:
    guardian, body = NAME, request.body
    logging.getLogger("some.library").warning("About %s at %s (%s)", guardian, ADDRESS, name)
    structlog.get_logger("zgoda.test").warning("test.before_failure", school="s1", name=guardian, text=TEXT)
    sentry_sdk.set_user({"username": guardian, "email": ADDRESS})
    sentry_sdk.set_tag("guardian", guardian)
    sentry_sdk.set_context("message", {"body": TEXT})
    sentry_sdk.add_breadcrumb(category=f"mail to {ADDRESS}", message=TEXT, data={"number": NUMBER})
    try:
        raise RowRefused(f"Key (username)=({guardian}) already exists. {body!r}")
    except RowRefused as cause:
        raise ValueError(f"{guardian} <{ADDRESS}> {NUMBER}: {TEXT}") from cause


urlpatterns = [path("people/<str:name>", failing_view)]


@pytest.fixture
def reports() -> Iterator[list[str]]:
    with captured_reports("public") as sent:
        yield sent
    observability.configure(process="public")


def report_in(sent: list[str]) -> dict[str, Any]:
    """The one event among the envelope's lines."""
    (envelope,) = sent
    return next(item for line in envelope.splitlines() if "exception" in (item := json.loads(line)))


def assert_nothing_personal(sent: list[str]) -> None:
    for envelope in sent:
        for secret in SECRETS:
            # JSON may escape letters beyond ASCII, so both spellings are looked for.
            assert secret not in envelope
            assert json.dumps(secret)[1:-1] not in envelope


@override_settings(ROOT_URLCONF="tests.public.test_error_reports")
def test_an_error_in_a_view_is_reported_without_anything_personal(reports: list[str]) -> None:
    client = Client(raise_request_exception=False, headers={"Cookie": f"name={NAME.split()[0]}", "X-Name": ADDRESS})

    client.post(f"/people/{ADDRESS}?phone={NUMBER}", data=json.dumps({"text": TEXT}), content_type="application/json")

    report = report_in(reports)
    assert [value["type"] for value in report["exception"]["values"]] == ["RowRefused", "ValueError"]
    assert report["exception"]["values"][-1]["stacktrace"]["frames"][-1]["function"] == "failing_view"
    assert report["transaction"] == "/people/{name}"
    assert report["tags"]["process"] == "public"
    assert len(report["tags"]["request_id"]) == 32
    assert "request" not in report
    assert "user" not in report
    assert_nothing_personal(reports)


def test_an_error_in_a_job_is_reported_without_its_arguments(reports: list[str]) -> None:
    # As in a worker: the reports are set up before the parts that run jobs are imported.
    from celery.contrib.testing.worker import start_worker

    app = Celery("test", broker="memory://", backend="cache+memory://")
    signals.setup_logging.connect(keep_logging)

    @app.task(name="test.fail")
    def fail(*, name: str) -> None:
        raise ValueError(f"{name}: {TEXT}")

    with start_worker(app, perform_ping_check=False, shutdown_timeout=10), pytest.raises(ValueError, match=NAME):
        fail.delay(name=NAME).get(timeout=10)

    report = report_in(reports)
    assert report["exception"]["values"][-1]["type"] == "ValueError"
    assert report["transaction"] == "test.fail"
    assert_nothing_personal(reports)


def test_a_logged_error_is_reported_by_its_name_alone(reports: list[str]) -> None:
    try:
        raise ValueError(TEXT)
    except ValueError as error:
        structlog.get_logger("zgoda.test").error("test.failed", text=TEXT, exc_info=error)
    logging.getLogger("some.library").error("Cannot write to %s", ADDRESS)

    assert len(reports) == 2
    assert "test.failed" in reports[0]
    assert '"ValueError"' in reports[0]
    assert "Cannot write" not in reports[1]
    assert_nothing_personal(reports)


def test_without_a_dsn_nothing_is_set_up() -> None:
    observability.configure(process="public", sentry_dsn="")

    assert not sentry_sdk.get_client().is_active()


def test_a_scrubber_that_fails_lets_nothing_out(reports: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str | None:
        raise RuntimeError

    monkeypatch.setattr(observability, "current_school", fail)
    sentry_sdk.capture_exception(ValueError(TEXT))

    assert reports == []
