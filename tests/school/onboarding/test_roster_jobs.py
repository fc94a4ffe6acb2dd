"""What becomes of an upload when the school changes, a job fails or comes twice, and people change their minds."""

from pathlib import Path

import pytest

from tenants.onboarding.models import Hitch, ImportState, RosterDifference, RosterFile, RosterImport
from tenants.onboarding.services import roster_writing
from tenants.onboarding.services.roster import import_roster
from tenants.onboarding.services.roster_job import apply_import, read_upload
from tenants.people.models import User
from tenants.schools.models import School
from tests.school.onboarding.bundles import OS_LIPA, Edit, edited, with_cell
from tests.school.onboarding.pages import Capture, ask, page_of, read, upload
from tests.school.visitors import Visitor


def test_whoever_would_lock_themselves_out_is_told(school: School, director: User, worker: Capture) -> None:
    visitor = Visitor(school, director)

    found = read(visitor, worker, OS_LIPA.path)

    assert "You are not in this file yourself." in page_of(visitor, found)


def test_with_problems_nothing_can_be_applied(visitor: Visitor, worker: Capture, tmp_path: Path) -> None:
    found = read(visitor, worker, edited(OS_LIPA.path, tmp_path, {"orgs.csv": None}))

    with worker():
        ask(visitor, "roster-apply", found)

    assert found.state == ImportState.REFUSED
    assert User.objects.count() == 1


def test_a_school_that_changed_meanwhile_gets_a_new_preview(
    visitor: Visitor, school: School, worker: Capture, tmp_path: Path
) -> None:
    import_roster(school=school, path=OS_LIPA.path)
    married, moved = with_cell(6, "familyName", "Kos"), with_cell(6, "familyName", "Zajc")
    found = read(visitor, worker, edited(OS_LIPA.path, tmp_path, {"users.csv": married}))
    import_roster(school=school, path=edited(OS_LIPA.path, tmp_path, {"users.csv": moved}))

    with worker():
        ask(visitor, "roster-apply", found)

    found.refresh_from_db()
    assert (found.state, found.hitch, found.counts) == (ImportState.READY, Hitch.STALE, {"staff": {"changed": 1}})
    assert User.objects.get(sourced_id="u-05").family_name == "Zajc"
    assert "The school has changed since the preview" in page_of(visitor, found)


def test_a_job_that_comes_twice_works_once(visitor: Visitor, school: School, worker: Capture) -> None:
    found = read(visitor, worker, OS_LIPA.path)
    with worker():
        ask(visitor, "roster-apply", found)
    found.refresh_from_db()
    applied_at = found.applied_at

    apply_import(school=school, import_id=found.pk)

    found.refresh_from_db()
    assert found.applied_at == applied_at
    assert User.objects.count() == 17


def test_a_job_that_fails_leaves_nothing_and_can_be_asked_again(
    visitor: Visitor, worker: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read(visitor, worker, OS_LIPA.path)
    with monkeypatch.context() as broken:
        broken.setattr(roster_writing, "put_enrolments", lambda **_: 1 / 0)
        with worker():
            ask(visitor, "roster-apply", found)

    found.refresh_from_db()
    assert (found.state, found.hitch, User.objects.count()) == (ImportState.READY, Hitch.FAILED, 1)
    assert "Something went wrong on our side" in page_of(visitor, found)

    with worker():
        ask(visitor, "roster-apply", found)
    found.refresh_from_db()
    assert found.state == ImportState.APPLIED


def test_a_job_that_never_came_is_offered_again(visitor: Visitor, worker: Capture) -> None:
    found = upload(visitor, OS_LIPA.path)
    RosterImport.objects.update(moved_at="2026-11-01T00:00:00Z")
    assert "Start this step again" in page_of(visitor, found)

    with worker():
        ask(visitor, "roster-again", found)

    found.refresh_from_db()
    assert found.state == ImportState.READY


def test_a_file_that_would_end_most_of_the_school_needs_a_second_yes(
    visitor: Visitor, school: School, worker: Capture, tmp_path: Path
) -> None:
    import_roster(school=school, path=OS_LIPA.path)
    few: dict[str, Edit] = {
        "users.csv": lambda text: "".join(text.splitlines(True)[:6]),
        "roles.csv": lambda text: "".join(text.splitlines(True)[:6]),
        "demographics.csv": lambda text: text.splitlines(True)[0],
        "enrollments.csv": lambda text: "".join(text.splitlines(True)[:8]),
    }
    found = read(visitor, worker, edited(OS_LIPA.path, tmp_path, few))
    page = page_of(visitor, found)
    assert "Many people would leave the school" in page
    for told in ("Pupils: 6 of 6", "Guardians: 6 of 6", "All people: 11 of 16"):
        assert told in page
    assert "Teachers:" not in page

    with worker():
        assert ask(visitor, "roster-apply", found).state == ImportState.READY
    with worker():
        ask(visitor, "roster-apply", found, may_end_many="on")

    found.refresh_from_db()
    assert found.state == ImportState.APPLIED
    assert User.objects.filter(is_active=True).count() == 6


def test_a_newer_upload_takes_the_place_of_one_that_waits(visitor: Visitor, school: School, worker: Capture) -> None:
    never_read = upload(visitor, OS_LIPA.path)
    first = read(visitor, worker, OS_LIPA.path)
    second = read(visitor, worker, OS_LIPA.path)
    read_upload(school=school, import_id=never_read.pk)

    states = [RosterImport.objects.get(pk=found.pk).state for found in (never_read, first, second)]
    assert states == [ImportState.DISCARDED, ImportState.DISCARDED, ImportState.READY]
    assert RosterFile.objects.get().pk == second.pk

    ask(visitor, "roster-discard", second)
    assert second.state == ImportState.DISCARDED
    assert not RosterFile.objects.exists()
    assert not RosterDifference.objects.exists()
