"""The roster's pages as a school administrator uses them, with the jobs' own code."""

import zipfile
from pathlib import Path

from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.settings.base import ROOT
from ediary_core.models import SchoolClass
from opt_in.gate.sealing import seal
from tenants.access import Role
from tenants.onboarding.models import ImportState, RosterDifference, RosterFile, RosterImport, RosterProblem
from tenants.onboarding.services.roster import import_roster
from tenants.people.models import User
from tenants.schools.models import School
from tests.school.onboarding.bundles import OS_LIPA, OS_REKA, Edit, edited, with_cell, without_line
from tests.school.onboarding.pages import Capture, ask, page_of, read, upload
from tests.school.visitors import Visitor


def test_an_empty_school_is_told_what_to_do(visitor: Visitor) -> None:
    page = visitor.get(reverse("roster")).content.decode()

    assert "No classes and no families yet" in page
    assert "htmx-2.min" not in page, "16 kB for the one page that updates itself."
    assert "Nobody has uploaded a roster here yet" in page


def test_the_example_is_the_invented_school() -> None:
    static = ROOT / "tenants" / "onboarding" / "static" / "onboarding" / "sample-roster.zip"

    assert static.read_bytes() == OS_LIPA.path.read_bytes()


def test_a_roster_comes_from_upload_to_undo(visitor: Visitor, worker: Capture) -> None:
    with worker():
        found = upload(visitor, OS_LIPA.path)
        page = page_of(visitor, found)
        assert 'hx-trigger="every 1s"' in page
        assert "htmx-2.min" in page

    found.refresh_from_db()
    assert (found.state, found.counts["pupil"], User.objects.count()) == (ImportState.READY, {"new": 6}, 1)
    preview = page_of(visitor, found)
    assert "Pupils: 6 new, 0 changed, 0 leaving." in preview
    assert "Nika Kos" in preview

    with worker():
        assert ask(visitor, "roster-apply", found).state == ImportState.APPLYING
    found.refresh_from_db()
    assert (found.state, found.applied_by.username) == (ImportState.APPLIED, "tajda")  # type: ignore[union-attr]
    assert User.objects.count() == 17
    assert not RosterFile.objects.exists()
    assert "Undo this import" in page_of(visitor, found)
    assert "Nothing builds on this import yet" in visitor.get(reverse("roster-undo", args=[found.pk])).content.decode()

    with worker():
        ask(visitor, "roster-undo", found)
    found.refresh_from_db()
    assert (found.state, User.objects.count(), SchoolClass.objects.count()) == (ImportState.UNDONE, 1, 0)
    assert "The school is as it was before this import." in page_of(visitor, found)


def test_a_page_that_waits_comes_back_by_itself_when_the_job_has_ended(visitor: Visitor, worker: Capture) -> None:
    with worker():
        found = upload(visitor, OS_LIPA.path)
        waiting = visitor.get(reverse("roster-progress", args=[found.pk]))
    ended = visitor.get(reverse("roster-progress", args=[found.pk]))

    assert "<progress" in waiting.content.decode()
    assert ended.headers["HX-Refresh"] == "true"


def test_what_changes_is_told_person_by_person(
    visitor: Visitor, school: School, worker: Capture, tmp_path: Path
) -> None:
    import_roster(school=school, path=OS_LIPA.path)
    edits: dict[str, Edit] = {
        "users.csv": lambda text: without_line(8)(
            with_cell(13, "email", "petra.nova@example.org")(with_cell(6, "familyName", "Mlakar Kos")(text))
        ),
        "roles.csv": without_line(9),
        "demographics.csv": without_line(3),
        "enrollments.csv": lambda text: "".join(
            line.replace("razred-3a,org-lipa,u-13", "razred-4a,org-lipa,u-13")
            for line in text.splitlines(True)
            if ",u-12," not in line
        ),
    }

    found = read(visitor, worker, edited(OS_LIPA.path, tmp_path, edits))

    page = page_of(visitor, found)
    assert found.counts == {
        "staff": {"changed": 1},
        "pupil": {"changed": 1, "ends": 1},
        "guardian": {"changed": 1},
    }
    assert "Mlakar → Mlakar Kos" in page
    assert "E-mail: another address" in page
    assert "petra" not in page
    assert "Cvetka" not in page_of(visitor, found, group="pupil")
    assert "Jan Kos" in page_of(visitor, found, change="ends")
    assert "Nothing fits this choice" in page_of(visitor, found, name="zzz")
    assert page_of(visitor, found, group="nonsense", change="'", name="\0", page="-7")


def test_who_directs_the_school_is_changed_by_a_director_alone(
    visitor: Visitor, school: School, worker: Capture, tmp_path: Path
) -> None:
    import_roster(school=school, path=OS_LIPA.path)
    director = holders(Role.DIRECTOR).get()
    another = edited(OS_LIPA.path, tmp_path, {"roles.csv": with_cell(3, "role", "principal")})
    found = read(visitor, worker, another)

    assert "This file changes who directs the school." in page_of(visitor, found)
    with worker():
        assert ask(visitor, "roster-apply", found).state == ImportState.READY
    assert list(holders(Role.DIRECTOR)) == [director]

    with worker():
        ask(Visitor(school, director), "roster-apply", found)
    assert holders(Role.DIRECTOR).count() == 2

    with worker():
        assert ask(visitor, "roster-undo", found).state == ImportState.APPLIED
    assert holders(Role.DIRECTOR).count() == 2
    assert "Only a director can undo it." in page_of(visitor, found)


def holders(role: Role) -> QuerySet[User]:
    return User.objects.filter(role_assignments__role=role, role_assignments__until=None)


def test_a_long_preview_has_pages_and_few_queries(visitor: Visitor, worker: Capture) -> None:
    found = read(visitor, worker, OS_REKA.path)

    with CaptureQueriesContext(connection) as queries:
        page = page_of(visitor, found, page="2")

    assert RosterDifference.objects.count() > 800
    assert page.count("<tr>") < 70
    assert len([query for query in queries if "onboarding" in query["sql"]]) == 3


def test_problems_are_told_by_row_and_corrected_in_place(visitor: Visitor, worker: Capture, tmp_path: Path) -> None:
    broken: dict[str, Edit] = {
        "users.csv": with_cell(13, "email", "petra.kos(at)example.org"),
        "academicSessions.csv": with_cell(2, "startDate", "1. 9. 2026"),
    }
    found = read(visitor, worker, edited(OS_LIPA.path, tmp_path, broken))

    page = page_of(visitor, found)
    assert (found.state, found.problems_total) == (ImportState.REFUSED, 2)
    assert "row 13" in page
    assert "Petra Kos" in page
    assert 'value="petra.kos(at)example.org"' in page
    assert "Write year-month-day" in page
    assert "row 13" not in page_of(visitor, found, file="academicSessions.csv")

    date, mail = RosterProblem.objects.order_by("position")
    with worker():
        ask(
            visitor,
            "roster-correct",
            found,
            **{f"value-{date.pk}": "2026-09-01", f"value-{mail.pk}": "petra.kos@example.org"},
        )
    found.refresh_from_db()
    assert (found.state, found.problems_total, found.counts["pupil"]) == (ImportState.READY, 0, {"new": 6})


def test_what_only_the_file_can_mend_offers_no_correction_here(
    visitor: Visitor, worker: Capture, tmp_path: Path
) -> None:
    path = tmp_path / "empty.zip"
    with zipfile.ZipFile(path, "w"):
        pass
    found = read(visitor, worker, path)

    page = page_of(visitor, found)
    assert "only in the file" in page
    assert "Correct the file in your school" in page
    assert "Correct these values" not in page


def test_what_stands_in_a_file_is_kept_sealed_only(visitor: Visitor, worker: Capture, tmp_path: Path) -> None:
    path = edited(OS_LIPA.path, tmp_path, {"users.csv": with_cell(13, "email", "petra.kos(at)example.org")})
    found = read(visitor, worker, path)

    tables = [RosterFile, RosterProblem, RosterImport, RosterDifference]
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f"SELECT count(*) FROM {model._meta.db_table} t WHERE t::text LIKE '%petra%'")
            assert cursor.fetchone() == (0,)
    assert bytes(found.file.sealed) != path.read_bytes()


def test_problems_can_be_downloaded_without_becoming_formulas(
    visitor: Visitor, worker: Capture, tmp_path: Path
) -> None:
    found = read(visitor, worker, edited(OS_LIPA.path, tmp_path, {"users.csv": with_cell(13, "email", "=1+1")}))

    answer = visitor.get(reverse("roster-problems", args=[found.pk]))

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode("utf-8-sig").splitlines()[1].startswith("users.csv;13;email;'=1+1;")


def test_an_import_that_builds_are_made_on_says_why_it_stays(visitor: Visitor, worker: Capture) -> None:
    found = read(visitor, worker, OS_LIPA.path)
    with worker():
        ask(visitor, "roster-apply", found)
    User.objects.filter(sourced_id="u-03").update(last_login="2026-11-22T10:00:00Z")

    page = visitor.get(reverse("roster-undo", args=[found.pk])).content.decode()

    assert "This import cannot be undone any more." in page
    assert "1 person whom it brought has logged in" in page


def test_the_overview_needs_few_queries(visitor: Visitor, worker: Capture, administrator: User) -> None:
    for _number in range(3):
        read(visitor, worker, OS_LIPA.path)
    sealed = seal(b"x")
    RosterFile.objects.update(sealed=sealed)

    with CaptureQueriesContext(connection) as queries:
        assert visitor.get(reverse("roster")).status_code == 200

    assert len(queries) <= 16
