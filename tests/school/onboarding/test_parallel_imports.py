"""Two imports into one school: the second waits until the first is done."""

import subprocess
import time

import psycopg
import pytest

from local.environment import environment_for
from local.places import ROOT
from local.run import command_of
from tests.school.onboarding.bundles import OS_LIPA
from tests.surroundings import provision, start_cluster, state

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.mark.usefixtures("django_db_setup")
def test_an_import_waits_for_the_one_that_runs() -> None:
    provision("os-vzporedna", "sl=OŠ Vzporedna", country="SI")
    connect = psycopg.connect(start_cluster().conninfo("zgoda_owner"), autocommit=True)
    with connect as owner:
        found = owner.execute("SELECT schema_name FROM schools_school WHERE subdomain = 'os-vzporedna'").fetchone()
        assert found is not None
        key = f"roster import {found[0]}"
        owner.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])

        second = subprocess.Popen(
            command_of(["manage.py", "import_roster", "os-vzporedna", str(OS_LIPA.path), "--apply"]),
            cwd=ROOT,
            env=environment_for("school", state()),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            deadline = time.monotonic() + 30
            while owner.execute(WAITING).fetchone() == (0,):
                assert second.poll() is None, "It did not wait."
                assert time.monotonic() < deadline
                time.sleep(0.05)
            owner.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])

            said, _ = second.communicate(timeout=60)
        finally:
            second.kill()

    assert second.returncode == 0, said
    assert "Imported." in said
