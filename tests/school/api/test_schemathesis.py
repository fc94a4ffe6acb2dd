"""Schemathesis reads the description and sends what nobody thought of: no server error, no answer without a word in the
description, no body that looks otherwise than described. Deterministic, through the real WSGI application."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.core.result import Ok

from notifications.kinds import SchoolMessage
from notifications.services import notify
from tenants.backend.current import connection
from tenants.people.models import User
from tenants.schools.models import School
from tests.school.api.conftest import Caller, Diary

application = WSGIHandler()
HOST = "os-reka.localhost"
# Of each operation, for each caller: seconds in all. Forty found nothing more.
EXAMPLES = 12
# Among others.
SUCCEEDING = {
    "guardian": {"read_lesson", "read_attendance", "withdraw_consent", "explain_message"},
    "teacher": {"list_pupils_of_class", "record_lesson", "correct_attendance"},
    "nobody": set(),
}
CHECKED = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture
def there(diary: Diary, guardian: User) -> dict[str, Any]:
    """What the addresses and bodies name, so that some of the requests lead somewhere."""
    trip = SchoolMessage(subject="Izlet", body="Zberemo se ob osmih.")
    return {
        "class_id": str(diary.maths.pk),
        "lesson_id": str(diary.lesson.pk),
        "pupil_id": str(diary.pia.pk),
        "message_id": str(notify(kind="school.message", recipient=guardian.id, parameters=trip)),
        "channel": "email",
        "held_on": diary.today.isoformat(),
        "on": diary.today.isoformat(),
        "before": str(UUID(int=2**128 - 1)),
        "attendance": [{"pupil_id": str(pupil.pk), "status": "present"} for pupil in (diary.pia, diary.jaka)],
    }


@pytest.mark.parametrize("who", ["guardian", "teacher", "nobody"])
def test_nothing_that_is_sent_gets_an_answer_that_is_not_described(
    who: str,
    request: pytest.FixtureRequest,
    there: dict[str, Any],
    school: School,
    calling: Callable[[User | None], Caller],
    in_one_transaction: None,
) -> None:
    person = None if who == "nobody" else request.getfixturevalue(who)
    headers = {"Host": HOST, "Accept-Encoding": "identity", **calling(person).headers}
    description = schemathesis.openapi.from_wsgi("/api/schema", application, headers={"Host": HOST})
    succeeded: set[str] = set()

    for found in description.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), leads_somewhere=st.booleans())
        def send(case: Any, leads_somewhere: bool) -> None:
            if leads_somewhere:
                put_in(case, there)
            try:
                answer = case.call_and_validate(headers=headers, checks=CHECKED)
            finally:
                connection.set_tenant(school)
            if answer.status_code < 300:
                succeeded.add(case.operation.definition.raw["operationId"])

        send()

    # It did not stop at the door.
    assert SUCCEEDING[who] <= succeeded
    assert bool(succeeded) is (who != "nobody")


def put_in(case: Any, there: dict[str, Any]) -> None:
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            part.update({name: value for name, value in there.items() if name in part})
    if "If-Match" in (case.headers or {}):
        case.headers["If-Match"] = "*"


@pytest.fixture
def in_one_transaction(request: pytest.FixtureRequest) -> Iterator[None]:
    """As Django's own test client has it: no request closes the connection. And none is one too many."""
    request.getfixturevalue("settings").API_REQUESTS_PER_MINUTE = {"token": 100_000, "address": 100_000}
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
