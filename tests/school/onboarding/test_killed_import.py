"""A worker that is killed in the middle of an import, and a job that two workers do at once."""

import subprocess
import sys
import time
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from django_tenants.utils import tenant_context
from psycopg import sql

from ediary_core.models import Enrolment
from local.environment import environment_for
from local.places import ROOT
from tenants.access import Role
from tenants.onboarding.models import ImportState, RosterImport
from tenants.onboarding.services.roster_import import ask_again, ask_to_apply, upload_roster
from tenants.onboarding.services.roster_job import apply_import, read_upload
from tenants.people.models import User
from tenants.schools.models import School
from tests.school.conftest import enter, school_called
from tests.school.onboarding.bundles import OS_LIPA
from tests.surroundings import provision, start_cluster, state

APPLY = """
import sys, uuid, django
django.setup()
from django_tenants.utils import schema_context, tenant_context
from tenants.onboarding.services.roster_job import apply_import
from tenants.schools.models import School
with schema_context("public"):
    school = School.objects.get(subdomain=sys.argv[1])
with tenant_context(school):
    apply_import(school=school, import_id=uuid.UUID(sys.argv[2]))
"""


@pytest.fixture
def owner(committing: None) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    with psycopg.connect(start_cluster().conninfo("zgoda_owner")) as connection:
        yield connection


def asked_to_apply(school: School) -> RosterImport:
    person = enter("uvoznica", Role.ADMINISTRATOR)
    found = upload_roster(person=person, name="roster.zip", content=OS_LIPA.path.read_bytes(), language="sl")
    read_upload(school=school, import_id=found.pk)
    ask_to_apply(import_id=found.pk, person=person, may_end_many=False)
    return found


def worker_for(school: School, import_id: UUID) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", APPLY, school.subdomain, str(import_id)],
        cwd=ROOT / "platform",
        env={**environment_for("school", state()), "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
    )


def hold(owner: "psycopg.Connection[tuple[object, ...]]", school: School) -> None:
    """Enrolments are written last: by then people, classes and families are."""
    table = sql.Identifier(school.schema_name, "ediary_core_enrolment")
    owner.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(table))


def wait_until(owner: "psycopg.Connection[tuple[object, ...]]", query: str, wanted: int) -> None:
    deadline = time.monotonic() + 30
    while owner.execute(query).fetchone() != (wanted,):
        assert time.monotonic() < deadline
        time.sleep(0.05)


WAITING_FOR_THE_TABLE = "SELECT count(*)::int FROM pg_locks WHERE locktype = 'relation' AND NOT granted"
HELD_BY_AN_IMPORT = "SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory'"
WAITING_FOR_THE_OTHER = "SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_one_does_it(
    owner: "psycopg.Connection[tuple[object, ...]]",
) -> None:
    provision("os-prekinjena", "sl=OŠ Prekinjena", country="SI")
    school = school_called("os-prekinjena")
    with tenant_context(school):
        found = asked_to_apply(school)
        hold(owner, school)
        worker = worker_for(school, found.pk)
        try:
            wait_until(owner, WAITING_FOR_THE_TABLE, 1)
        finally:
            worker.kill()
            worker.wait()
        owner.rollback()
        wait_until(owner, HELD_BY_AN_IMPORT, 0)

        found.refresh_from_db()
        assert (found.state, found.done > 0) == (ImportState.APPLYING, True)
        assert (User.objects.count(), Enrolment.objects.count()) == (1, 0)

        ask_again(import_id=found.pk)
        apply_import(school=school, import_id=found.pk)
        found.refresh_from_db()
        assert found.state == ImportState.APPLIED
        assert (User.objects.count(), Enrolment.objects.count()) == (17, OS_LIPA.enrolments)


def test_a_job_that_two_workers_do_at_once_is_done_once(owner: "psycopg.Connection[tuple[object, ...]]") -> None:
    provision("os-dvojna", "sl=OŠ Dvojna", country="SI")
    school = school_called("os-dvojna")
    with tenant_context(school):
        found = asked_to_apply(school)
        hold(owner, school)
        workers = [worker_for(school, found.pk), worker_for(school, found.pk)]
        try:
            wait_until(owner, WAITING_FOR_THE_TABLE, 1)
            wait_until(owner, WAITING_FOR_THE_OTHER, 1)
            owner.rollback()
            assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
        finally:
            for worker in workers:
                worker.kill()

        found.refresh_from_db()
        assert found.state == ImportState.APPLIED
        assert (User.objects.count(), Enrolment.objects.count()) == (17, OS_LIPA.enrolments)
