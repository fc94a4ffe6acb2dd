"""Rosters in the database: everything or nothing, once, and never a consent."""

from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ediary_core.models import AcademicSession, Enrolment, SchoolClass, SchoolUnit, Subject
from opt_in.gate import school as gate
from tenants.access import Role
from tenants.onboarding.roster.problems import RosterRefused
from tenants.onboarding.services import roster_writing
from tenants.onboarding.services.roster import import_roster, preview_roster
from tenants.people.models import Channel, ContactPoint, Guardianship, Provenance, RoleAssignment, User
from tenants.people.services.contacts import change_contact
from tenants.schools.models import School
from tests.school.onboarding.bundles import (
    KEPT,
    OS_LIPA,
    SLONECZKO,
    Edit,
    Kept,
    edited,
    files_of,
    with_cell,
    with_line,
    without_line,
)

EVERY_KEPT = pytest.mark.parametrize("kept", KEPT, ids=str)
LIPA = pytest.mark.parametrize("kept", [OS_LIPA], ids=str)
# Whatever the size of the roster: reading the state, comparing, writing each kind once.
QUERIES_AT_MOST = 40
MODELS = (
    User,
    RoleAssignment,
    Guardianship,
    ContactPoint,
    SchoolUnit,
    AcademicSession,
    Subject,
    SchoolClass,
    Enrolment,
)


def count_rows() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in MODELS}


def writes_of(queries: CaptureQueriesContext) -> list[str]:
    reads = ("SELECT SET_CONFIG", "SELECT PG_ADVISORY", "SAVEPOINT", "RELEASE")
    found = [query["sql"] for query in queries if not query["sql"].upper().startswith(reads)]
    return [sql for sql in found if not sql.upper().startswith("SELECT") or "CONSENT." in sql.upper()]


@EVERY_KEPT
def test_a_roster_is_imported_as_a_whole(kept: Kept, own_school: School) -> None:
    with CaptureQueriesContext(connection) as queries:
        plan = import_roster(school=own_school, path=kept.path)

    assert count_rows()["User"] == len(plan.people.created) == kept.people
    assert count_rows()["Enrolment"] == kept.enrolments
    assert Guardianship.objects.filter(is_active=True).count() == len(plan.guardianships.created)
    assert RoleAssignment.objects.filter(role=Role.DIRECTOR, until=None).count() == 1
    assert writes_of(queries)
    assert len(queries) <= QUERIES_AT_MOST


@EVERY_KEPT
def test_a_second_import_writes_nothing_at_all(kept: Kept, own_school: School) -> None:
    import_roster(school=own_school, path=kept.path)

    with CaptureQueriesContext(connection) as queries:
        plan = import_roster(school=own_school, path=kept.path)

    assert plan.changes_nothing
    assert plan.people.unchanged == kept.people
    assert writes_of(queries) == []
    assert len(queries) == 10


@EVERY_KEPT
def test_a_preview_shows_the_same_and_writes_nothing(kept: Kept, own_school: School) -> None:
    with CaptureQueriesContext(connection) as queries:
        plan = preview_roster(school=own_school, path=kept.path)

    assert len(plan.people.created) == kept.people
    assert writes_of(queries) == []
    assert set(count_rows().values()) == {0}


@EVERY_KEPT
def test_an_import_gives_no_consent_and_verifies_nobody(kept: Kept, own_school: School) -> None:
    import_roster(school=own_school, path=kept.path)

    guardians = RoleAssignment.objects.filter(role=Role.GUARDIAN).values_list("user_id", flat=True)
    assert guardians
    assert all(gate.consents_of(guardian) == [] for guardian in guardians)
    assert not ContactPoint.objects.exclude(verified_at=None).exists()
    assert set(ContactPoint.objects.values_list("provenance", "version")) == {(Provenance.ROSTER, 1)}
    assert not any(user.has_usable_password() for user in User.objects.all())


@LIPA
def test_columns_that_claim_a_consent_are_ignored(kept: Kept, own_school: School, tmp_path: Path) -> None:
    def claim(text: str) -> str:
        header, *lines = text.splitlines()
        claims = ",metadata.consent,metadata.marketingOptIn,metadata.verifiedAt"
        return "\n".join([header + claims, *(line + ",true,true,2026-09-01" for line in lines)])

    import_roster(school=own_school, path=edited(kept.path, tmp_path, {"users.csv": claim}))

    assert User.objects.count() == kept.people
    assert all(gate.consents_of(user.pk) == [] for user in User.objects.all())
    assert not ContactPoint.objects.exclude(verified_at=None).exists()


def duplicate_last_line(text: str) -> str:
    return with_line(text.splitlines()[-1])(text)


BREAKS: dict[str, tuple[str, Edit, str]] = {
    "missing file": ("orgs.csv", None, "orgs.csv: The file is missing"),
    "wrong header": (
        "users.csv",
        lambda text: text.replace("givenName", "firstName", 1),
        "users.csv, line 1, givenName: The column is missing. Add it",
    ),
    "duplicate id": ("enrollments.csv", duplicate_last_line, ", sourcedId: “"),
    "unknown reference": (
        "enrollments.csv",
        with_cell(2, "userSourcedId", "nobody"),
        "enrollments.csv, line 2, userSourcedId: “nobody” is not an active record of users.csv. Correct",
    ),
    "bad date": (
        "academicSessions.csv",
        with_cell(2, "startDate", "1. 9. 2026"),
        "academicSessions.csv, line 2, startDate: “1. 9. 2026” is not a date. Write year-month-day",
    ),
}


@EVERY_KEPT
@pytest.mark.parametrize("what", [*BREAKS, "wrong encoding"])
def test_a_broken_copy_is_refused_and_changes_nothing(
    kept: Kept, own_school: School, tmp_path: Path, what: str
) -> None:
    if what == "wrong encoding":
        encoding = "cp1251" if kept.country == "UA" else "cp1250"
        edit: Edit = files_of(kept.path)["users.csv"].decode().encode(encoding, errors="replace")
        file, said = "users.csv", "Name: The file is not in UTF-8"
    else:
        file, edit, said = BREAKS[what]
    with CaptureQueriesContext(connection) as queries, pytest.raises(RosterRefused) as refused:
        import_roster(school=own_school, path=edited(kept.path, tmp_path, {file: edit}))

    assert said in str(refused.value)
    assert all(problem.advice for problem in refused.value.problems)
    assert [sql for sql in writes_of(queries) if not sql.startswith("ROLLBACK")] == []
    assert set(count_rows().values()) == {0}


@LIPA
def test_an_import_that_fails_at_its_last_step_leaves_nothing(
    kept: Kept, own_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(Exception):
        pass

    def fail(**_anything: object) -> None:
        raise PowerCut

    monkeypatch.setattr(roster_writing, "put_enrolments", fail)
    with pytest.raises(PowerCut):
        import_roster(school=own_school, path=kept.path)

    assert set(count_rows().values()) == {0}


@LIPA
def test_a_changed_address_raises_the_version_and_loses_its_verification(
    kept: Kept, own_school: School, tmp_path: Path
) -> None:
    import_roster(school=own_school, path=kept.path)
    mother = User.objects.get(sourced_id="u-21")
    ContactPoint.objects.update(verified_at=timezone.now())

    path = edited(kept.path, tmp_path, {"users.csv": with_cell(13, "email", "petra.nova@example.org")})
    plan = import_roster(school=own_school, path=path)

    email, sms = ContactPoint.objects.filter(user=mother).order_by("channel")
    assert [new.sourced_id for _old, new in plan.people.changed] == ["u-21"]
    assert (email.version, email.verified_at, email.provenance) == (2, None, Provenance.ROSTER)
    assert (sms.version, sms.verified_at is None) == (1, False)
    assert ContactPoint.objects.filter(verified_at=None).count() == 1


@LIPA
def test_an_address_that_the_person_entered_survives_the_roster(kept: Kept, own_school: School) -> None:
    import_roster(school=own_school, path=kept.path)
    mother = User.objects.get(sourced_id="u-21")
    change_contact(person=mother, channel=Channel.EMAIL, address="petra@own.example", entered_by=Provenance.SELF)

    plan = import_roster(school=own_school, path=kept.path)

    contact = ContactPoint.objects.get(user=mother, channel=Channel.EMAIL)
    assert plan.changes_nothing
    assert (contact.version, contact.provenance) == (2, Provenance.SELF)


@LIPA
def test_a_person_changed_by_a_delta_of_enrolments_keeps_the_address(
    kept: Kept, own_school: School, tmp_path: Path
) -> None:
    import_roster(school=own_school, path=kept.path)
    before = list(ContactPoint.objects.order_by("pk").values())

    edits: dict[str, Edit] = {
        "manifest.csv": lambda text: "".join(
            line.replace(",bulk", ",delta" if "enrollments" in line else ",absent") for line in text.splitlines(True)
        ),
        "enrollments.csv": lambda text: text.splitlines()[0] + "\nvpis-02,tobedeleted,2026-11-20,,,,,,,\n",
    }
    others = dict.fromkeys(set(files_of(kept.path)) - set(edits))
    plan = import_roster(school=own_school, path=edited(kept.path, tmp_path, {**edits, **others}))

    assert [new.sourced_id for _old, new in plan.people.changed] == ["u-04"]
    assert list(ContactPoint.objects.order_by("pk").values()) == before
    assert Enrolment.objects.get(sourced_id="vpis-02").ended_on is not None


@LIPA
def test_who_left_is_ended_and_comes_back_as_the_same_person(kept: Kept, own_school: School, tmp_path: Path) -> None:
    import_roster(school=own_school, path=kept.path)
    jan = User.objects.get(sourced_id="u-12")
    without_jan: dict[str, Edit] = {
        "users.csv": without_line(8),
        "roles.csv": without_line(9),
        "demographics.csv": without_line(3),
        "enrollments.csv": lambda text: "".join(line for line in text.splitlines(True) if ",u-12," not in line),
    }

    import_roster(school=own_school, path=edited(kept.path, tmp_path, without_jan))

    jan.refresh_from_db()
    assert not jan.is_active
    assert not RoleAssignment.objects.filter(user=jan, until=None).exists()
    assert not Guardianship.objects.filter(pupil=jan, is_active=True).exists()
    assert not Enrolment.objects.filter(person=jan, ended_on=None).exists()

    import_roster(school=own_school, path=kept.path)

    jan.refresh_from_db()
    assert jan.is_active
    assert User.objects.count() == kept.people
    assert Guardianship.objects.filter(pupil=jan, is_active=True).count() == 2
    assert Enrolment.objects.filter(person=jan, ended_on=None).count() == 2


@LIPA
def test_roles_given_in_the_product_survive_a_roster(kept: Kept, own_school: School, tmp_path: Path) -> None:
    import_roster(school=own_school, path=kept.path)
    teacher = User.objects.get(sourced_id="u-05")
    for role in (Role.SECRETARY, Role.CHAIR):
        RoleAssignment.objects.create(user=teacher, role=role, since=timezone.localdate())

    import_roster(
        school=own_school, path=edited(kept.path, tmp_path, {"users.csv": with_cell(6, "familyName", "Mlakar Kos")})
    )

    held = RoleAssignment.objects.filter(user=teacher, until=None).values_list("role", flat=True)
    assert set(held) == {Role.TEACHER, Role.SECRETARY, Role.CHAIR}


@LIPA
def test_a_guardian_added_by_the_school_stays_with_the_pupil(kept: Kept, own_school: School, tmp_path: Path) -> None:
    import_roster(school=own_school, path=kept.path)
    aunt = User.objects.create(username="teta", given_name="Tea", family_name="Kos", language="sl")
    nika = User.objects.get(sourced_id="u-11")
    Guardianship.objects.create(guardian=aunt, pupil=nika)

    import_roster(
        school=own_school,
        path=edited(kept.path, tmp_path, {"users.csv": lambda text: text.replace('"u-04,u-21"', "u-21", 1)}),
    )

    guardians = Guardianship.objects.filter(pupil=nika, is_active=True).values_list("guardian__username", flat=True)
    assert set(guardians) == {"teta", "s021"}


@LIPA
def test_two_people_may_change_places_in_their_classes(kept: Kept, own_school: School, tmp_path: Path) -> None:
    import_roster(school=own_school, path=kept.path)

    def swap(text: str) -> str:
        lines = [line.split(",") for line in text.splitlines()]
        tens = {line[0]: line for line in lines}
        tens["vpis-01"][5], tens["vpis-03"][5] = tens["vpis-03"][5], tens["vpis-01"][5]
        tens["vpis-01"][3], tens["vpis-03"][3] = tens["vpis-03"][3], tens["vpis-01"][3]
        return "\n".join(",".join(line) for line in lines)

    plan = import_roster(school=own_school, path=edited(kept.path, tmp_path, {"enrollments.csv": swap}))

    assert len(plan.enrolments.changed) == 2
    assert Enrolment.objects.filter(ended_on=None).count() == kept.enrolments


@pytest.mark.parametrize("kept", [SLONECZKO], ids=str)
def test_a_file_that_would_end_most_of_the_school_is_refused_until_it_is_meant(
    kept: Kept, own_school: School, tmp_path: Path
) -> None:
    import_roster(school=own_school, path=kept.path)
    before = count_rows()
    few: dict[str, Edit] = {
        "users.csv": lambda text: "".join(text.splitlines(True)[:9]),
        "enrollments.csv": lambda text: "".join(text.splitlines(True)[:1]),
    }
    path = edited(kept.path, tmp_path, few)

    with pytest.raises(RosterRefused, match="All people: 212 of 220"):
        import_roster(school=own_school, path=path)

    assert count_rows() == before
    assert User.objects.filter(is_active=True).count() == 220

    import_roster(school=own_school, path=path, allow_many_endings=True)

    assert User.objects.filter(is_active=True).count() == 8


@LIPA
def test_stages_are_reported_with_their_sizes(kept: Kept, own_school: School) -> None:
    seen: list[tuple[str, int]] = []

    import_roster(school=own_school, path=kept.path, step=lambda stage, records: seen.append((stage, records)))

    assert ("users.csv", 16) in seen
    assert ("writing people", 16) in seen
    assert seen[-1] == ("writing enrolments", 22)


@LIPA
def test_people_are_written_to_in_the_schools_language_until_they_choose(kept: Kept, own_school: School) -> None:
    import_roster(school=own_school, path=kept.path)
    User.objects.filter(sourced_id="u-24").update(language="en")

    plan = import_roster(school=own_school, path=kept.path)

    assert plan.changes_nothing
    assert Counter(User.objects.values_list("language", flat=True)) == {"sl": 15, "en": 1}
