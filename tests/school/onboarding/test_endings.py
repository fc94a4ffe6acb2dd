"""A file in which many are missing: who is counted, from how many on, and that somebody has to say that it is meant."""

import csv
import io
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from tenants.onboarding.models import ImportState
from tenants.onboarding.roster.endings import Ended, Ending, many_endings
from tenants.onboarding.roster.plan import SchoolState
from tenants.onboarding.services.roster import import_roster
from tenants.people.models import User
from tenants.schools.models import School
from tests.school.onboarding.bundles import OS_LIPA, OS_REKA, edited, files_of, plan_of, school_after, with_cell
from tests.school.onboarding.pages import Capture, ask, page_of, read
from tests.school.visitors import Visitor


@pytest.fixture(scope="module")
def reka() -> SchoolState:
    """OŠ Reka after its roster was imported, without a database: 325 pupils, 18 teachers."""
    return school_after(plan_of(OS_REKA.path))


def of_role(role: str, number: int) -> set[str]:
    """The first so many of them in OŠ Reka's file."""
    rows = csv.DictReader(io.StringIO(files_of(OS_REKA.path)["users.csv"].decode()))
    return set([row["sourcedId"] for row in rows if row["role"] == role][:number])


def without(people: Collection[str], folder: Path) -> Path:
    """OŠ Reka's file, as if these were not at the school any more; their parents are still in it."""

    def rows_of_others(column: str) -> Callable[[str], str]:
        def edit(text: str) -> str:
            header, *rows = list(csv.reader(io.StringIO(text)))
            left = io.StringIO()
            csv.writer(left).writerows([header, *(row for row in rows if row[header.index(column)] not in people)])
            return left.getvalue()

        return edit

    edits = {"users.csv": rows_of_others("sourcedId"), "enrollments.csv": rows_of_others("userSourcedId")}
    return edited(OS_REKA.path, folder, edits)


def endings(state: SchoolState, path: Path) -> dict[Ended, Ending]:
    return {ending.group: ending for ending in many_endings(plan_of(path, state=state), state)}


@pytest.mark.parametrize(("missing", "is_many"), [(25, False), (64, False), (65, True), (130, True)])
def test_a_fifth_of_the_pupils_is_many_and_one_class_is_not(
    reka: SchoolState, tmp_path: Path, missing: int, is_many: bool
) -> None:
    found = endings(reka, without(of_role("student", missing), tmp_path))

    assert found.get(Ended.PUPILS) == (Ending(Ended.PUPILS, missing, 325) if is_many else None)
    assert Ended.EVERYBODY not in found


@pytest.mark.parametrize(("missing", "is_many"), [(4, False), (5, True)])
def test_of_the_teachers_it_takes_five(reka: SchoolState, tmp_path: Path, missing: int, is_many: bool) -> None:
    found = endings(reka, without(of_role("teacher", missing), tmp_path))

    assert found == ({Ended.TEACHERS: Ending(Ended.TEACHERS, missing, 18)} if is_many else {})


def test_guardians_who_stay_without_a_child_count_as_well(reka: SchoolState, tmp_path: Path) -> None:
    """All of them are in the file; what they lose is the reason why they are guardians."""
    path = without(of_role("student", 130), tmp_path)
    plan = plan_of(path, state=reka)
    lost = sum(1 for old, new in plan.people.changed if "guardian" in old.roles - new.roles)

    assert len(plan.people.ended) == 130
    assert endings(reka, path)[Ended.GUARDIANS] == Ending(Ended.GUARDIANS, lost, 487)


def test_in_a_small_school_a_few_are_no_sign_of_anything(tmp_path: Path) -> None:
    lipa = school_after(plan_of(OS_LIPA.path))
    path = edited(OS_LIPA.path, tmp_path, {"users.csv": with_cell(7, "enabledUser", "false")})

    assert many_endings(plan_of(path, state=lipa), lipa) == []


def test_the_preview_names_them_and_asks_a_second_time(
    visitor: Visitor, school: School, worker: Capture, tmp_path: Path
) -> None:
    import_roster(school=school, path=OS_REKA.path)
    found = read(visitor, worker, without(of_role("student", 130), tmp_path))

    page = page_of(visitor, found)
    assert "Pupils: 130 of 325" in page
    assert 'name="may_end_many"' in page
    assert "All people" not in page
    with worker():
        assert ask(visitor, "roster-apply", found).state == ImportState.READY
    assert User.objects.filter(is_active=True, role_assignments__role="pupil").count() == 325

    with worker():
        ask(visitor, "roster-apply", found, may_end_many="on")
    found.refresh_from_db()
    assert found.state == ImportState.APPLIED
    assert User.objects.filter(is_active=True, role_assignments__role="pupil").count() == 195
