"""A job is in its school, or fails (docs: scale, rule 4)."""

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from celery import Task, signals
from django.utils import timezone
from django_tenants.utils import tenant_context

from config import celery as celery_module
from config.celery import app
from opt_in.gate.selfcheck import UnsoundGate
from tenants.backend.current import connection
from tenants.backend.task import HEADER, NoSchool, SchoolTask, UnknownSchool
from tenants.people.models import User
from tenants.schools.models import School
from tests.surroundings import run_command

ran: list[str] = []


@app.task(name="tests.count_people")
def count_people(**_: Any) -> int:
    ran.append(connection.schema_name)
    return User.objects.count()


@pytest.fixture(autouse=True)
def _nothing_ran_yet() -> None:
    ran.clear()


def test_every_task_is_a_school_task() -> None:
    assert isinstance(count_people, SchoolTask)


def test_a_job_runs_in_the_school_it_was_queued_in(os_reka: School, sp_brzozowa: School) -> None:
    with tenant_context(os_reka):
        job = count_people.apply()

    assert (job.get(), ran) == (0, [os_reka.schema_name])
    assert connection.schema_name == "public"


def test_a_job_runs_in_its_own_school_whatever_the_worker_did_before(os_reka: School, sp_brzozowa: School) -> None:
    with tenant_context(os_reka):
        count_people.apply(headers={HEADER: str(sp_brzozowa.id)}).get()
        after = connection.schema_name

    assert ran == [sp_brzozowa.schema_name]
    assert after == os_reka.schema_name


@app.task(name="tests.tell_the_zone")
def tell_the_zone(**_: Any) -> str:
    return timezone.get_current_timezone_name()


def test_a_job_lives_in_the_schools_time(os_reka: School) -> None:
    with tenant_context(os_reka):
        job = tell_the_zone.apply()

    assert job.get() == "Europe/Ljubljana"
    assert timezone.get_current_timezone_name() == "UTC"


def test_a_job_cannot_be_queued_outside_a_school(os_reka: School) -> None:
    with pytest.raises(NoSchool):
        count_people.apply()
    with pytest.raises(NoSchool):
        count_people.apply_async()
    with pytest.raises(NoSchool):
        count_people()

    assert ran == []


def test_a_message_without_a_school_fails_and_runs_nowhere(os_reka: School) -> None:
    message_of_somebody_else = Task.apply(count_people, headers={"lang": "py"})

    assert message_of_somebody_else.state == "FAILURE"
    assert isinstance(message_of_somebody_else.result, NoSchool)
    assert ran == []


@pytest.mark.parametrize("school_id", [str(uuid4()), "os-reka", "' OR 1 = 1"])
def test_a_message_for_an_unknown_school_fails_and_runs_nowhere(db: None, school_id: str) -> None:
    job = count_people.apply(headers={HEADER: school_id})

    assert job.state == "FAILURE"
    assert isinstance(job.result, UnknownSchool)
    assert ran == []


def test_a_schema_name_alone_is_no_school(os_reka: School) -> None:
    with tenant_context(SimpleNamespace(schema_name=os_reka.schema_name)), pytest.raises(NoSchool):
        count_people.apply()

    assert ran == []


def test_a_worker_does_not_start_when_the_gate_is_not_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsound() -> None:
        raise UnsoundGate(["trigger leaf_is_append_only is missing"])

    monkeypatch.setattr(celery_module, "start_process", unsound)

    with pytest.raises(SystemExit, match="is missing"):
        signals.worker_init.send(sender=None)


@pytest.mark.usefixtures("django_db_setup")
def test_the_web_process_queues_for_the_schools_worker() -> None:
    look = "import config.wsgi; from celery import current_app as app; print(app.main, app.conf.task_default_queue)"

    assert run_command("school", "python", "-c", look).split() == ["zgoda", "school"]
