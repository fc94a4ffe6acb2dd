"""Undo of the last import: the school is as before, or nothing happens and the page says why."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from ediary_core.models import Enrolment, SchoolClass
from ediary_core.services.lessons import begin_lesson
from opt_in.gate import school as gate
from tenants.access import Role
from tenants.onboarding.models import Hitch, ImportState, RosterChange, RosterImport
from tenants.onboarding.selectors.roster_obstacles import obstacles_to_undo, touched_by
from tenants.onboarding.services.roster import import_roster
from tenants.onboarding.services.roster_import import (
    DirectorsOwn,
    NotTheLast,
    ask_to_apply,
    ask_to_undo,
    upload_roster,
)
from tenants.onboarding.services.roster_job import apply_import, read_upload
from tenants.onboarding.services.roster_undo import undo_import
from tenants.people.models import ApiToken, ContactPoint, RoleAssignment, User
from tenants.people.services.contacts import publish_contacts
from tenants.people.services.verification import request_code
from tenants.schools.models import School
from tests.school.conftest import enter, school_called
from tests.school.onboarding.bundles import OS_LIPA, Edit, Kept, edited, with_cell
from tests.surroundings import provision, start_cluster

LIPA = pytest.mark.parametrize("kept", [OS_LIPA], ids=str)
NOT_THE_SCHOOLS_DATA = ("onboarding_", "django_migrations")


def imported(school: School, path: Path, person: User) -> RosterImport:
    """The whole way that the page goes, with the jobs' own code."""
    found = upload_roster(person=person, name=path.name, content=path.read_bytes(), language="sl")
    read_upload(school=school, import_id=found.pk)
    ask_to_apply(import_id=found.pk, person=person, may_end_many=True)
    apply_import(school=school, import_id=found.pk)
    found.refresh_from_db()
    assert found.state == ImportState.APPLIED
    return found


def undone(school: School, found: RosterImport, person: User) -> RosterImport:
    ask_to_undo(import_id=found.pk, person=person)
    undo_import(school=school, import_id=found.pk)
    found.refresh_from_db()
    return found


def reasons(found: RosterImport) -> dict[str, int]:
    return {obstacle.reason: obstacle.number for obstacle in obstacles_to_undo(found, touched_by(found))}


def everything_of(school: School) -> dict[str, list[Any]]:
    """Every row of the school's schema and of its people in the gate, read by the superuser."""
    with psycopg.connect(start_cluster().conninfo("bootstrap")) as superuser:
        tables = superuser.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [school.schema_name]
        ).fetchall()
        found = {
            table: rows_of(superuser, f'SELECT to_jsonb(t) FROM "{school.schema_name}"."{table}" t')
            for (table,) in tables
            if not table.startswith(NOT_THE_SCHOOLS_DATA)
        }
        for table in ("subject", "contact"):
            query = f"SELECT to_jsonb(t) FROM consent.{table} t WHERE school_id = '{school.id}'"
            found[f"consent.{table}"] = rows_of(superuser, query)
    return found


def rows_of(superuser: "psycopg.Connection[Any]", query: str) -> list[Any]:
    return sorted((row for (row,) in superuser.execute(query)), key=str)


def changed_in_every_way(folder: Path, *, name: str = "later.zip") -> Path:
    """OŠ Lipa a month later: names, an address, a class and a family changed, one pupil left and one came."""

    def without_jan(text: str) -> str:
        return "".join(line for line in text.splitlines(True) if "u-12," not in line)

    def users(text: str) -> str:
        text = with_cell(6, "familyName", "Mlakar Kos")(text)
        text = with_cell(13, "email", "petra.nova@example.org")(text).replace('"u-04,u-21",03', "u-21,03", 1)
        return (
            without_jan(text)
            + "u-99,,,true,p99,{SIS:99},Neža,Nova,,P099,,,,u-98,03,,,,,,,org-lipa,\n"
            + ("u-98,,,true,s098,{SIS:98},Nina,Nova,,S098,nina.nova@example.org,,,,,,,,,,,org-lipa,\n")
        )

    edits: dict[str, Edit] = {
        "users.csv": users,
        "roles.csv": lambda text: (
            without_jan(text) + "v-99,,,u-99,primary,student,,,org-lipa,\nv-98,,,u-98,primary,parent,,,org-lipa,\n"
        ),
        "demographics.csv": without_jan,
        "enrollments.csv": lambda text: without_jan(text) + "vpis-99,,,razred-3a,org-lipa,u-99,student,false,,\n",
        "classes.csv": with_cell(2, "title", "3. a (dvojezična)"),
    }
    return edited(OS_LIPA.path, folder, edits, name)


@pytest.fixture
def director_of_lipa(own_school: School) -> User:
    """Known to no roster, so that none ends her."""
    marta = enter("marta", Role.DIRECTOR)
    User.objects.filter(pk=marta.pk).update(sourced_id=None)
    return marta


@pytest.mark.usefixtures("committing", "all_schools")
def test_undo_brings_back_the_school_and_its_people_in_the_gate(tmp_path: Path) -> None:
    """Committed for real, compared by the superuser, row by row and column by column."""
    provision("os-povratna", "sl=OŠ Povratna", country="SI")
    school = school_called("os-povratna")
    with tenant_context(school):
        person = enter("povratnik", Role.ADMINISTRATOR)
        empty = everything_of(school)
        first = imported(school, OS_LIPA.path, person)
        ContactPoint.objects.update(verified_at=timezone.now())
        publish_contacts(contacts=ContactPoint.objects.all())
        before = everything_of(school)

        second = imported(school, changed_in_every_way(tmp_path), person)
        assert everything_of(school) != before
        assert undone(school, second, person).state == ImportState.UNDONE

        assert differing(before, everything_of(school)) == {
            ("people_contactpoint", "version"): [(1, 3)],
            ("consent.contact", "version"): [(1, 3)],
        }

        assert first.state == ImportState.APPLIED
    assert empty != before


@pytest.mark.usefixtures("committing", "all_schools")
def test_undo_of_the_very_first_import_leaves_no_trace_of_anybody() -> None:
    provision("os-prazna", "sl=OŠ Prazna", country="SI")
    school = school_called("os-prazna")
    with tenant_context(school):
        person = enter("praznik", Role.ADMINISTRATOR)
        # Known to no roster: whom the import itself ended could ask for nothing any more.
        User.objects.filter(pk=person.pk).update(sourced_id=None)
        before = everything_of(school)
        found = imported(school, OS_LIPA.path, person)

        assert undone(school, found, person).state == ImportState.UNDONE

        assert differing(before, everything_of(school)) == {}
        assert not RosterChange.objects.exists()


def differing(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> dict[tuple[str, str], list[Any]]:
    """Which columns differ; a row too many or too few is a difference of the whole table."""
    found: dict[tuple[str, str], list[Any]] = {}
    assert before.keys() == after.keys()
    for table, rows in before.items():
        if len(rows) != len(after[table]):
            found[table, "rows"] = [(len(rows), len(after[table]))]
            continue
        for old, new in zip(by_key(rows), by_key(after[table]), strict=True):
            for column in old:
                if old[column] != new[column]:
                    found.setdefault((table, column), []).append((old[column], new[column]))
    return found


def by_key(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: str(row.get("contact_id") or row.get("subject_id") or row.get("id") or row))


@LIPA
def test_undone_twice_is_undone_once(kept: Kept, own_school: School, director_of_lipa: User) -> None:
    found = imported(own_school, kept.path, director_of_lipa)
    assert undone(own_school, found, director_of_lipa).state == ImportState.UNDONE
    undone_at = found.undone_at

    undo_import(school=own_school, import_id=found.pk)

    found.refresh_from_db()
    assert found.undone_at == undone_at
    assert User.objects.get() == director_of_lipa


@LIPA
def test_an_address_for_somebody_who_was_there_stays_but_is_not_used(
    kept: Kept, own_school: School, director_of_lipa: User, tmp_path: Path
) -> None:
    imported(own_school, kept.path, director_of_lipa)
    path = edited(kept.path, tmp_path, {"users.csv": with_cell(15, "email", "vida.bregar@example.org")})
    found = imported(own_school, path, director_of_lipa)
    vida = User.objects.get(sourced_id="u-23")
    assert ContactPoint.objects.get(user=vida).is_active

    assert undone(own_school, found, director_of_lipa).state == ImportState.UNDONE

    assert not ContactPoint.objects.get(user=vida).is_active


def log_in(_school: School) -> None:
    User.objects.filter(sourced_id="u-99").update(last_login=timezone.now())


def verify(_school: School) -> None:
    ContactPoint.objects.filter(user__sourced_id="u-21", channel="email").update(verified_at=timezone.now())


def record_a_lesson(_school: School) -> None:
    today = timezone.localdate()
    begin_lesson(
        teacher=User.objects.get(sourced_id="u-03"),
        school_class=SchoolClass.objects.get(sourced_id="razred-3a"),
        held_on=today,
        period=1,
        today=today,
    )


def make_a_token(_school: School) -> None:
    now = timezone.now()
    person = User.objects.get(sourced_id="u-98")
    ApiToken.objects.create(user=person, name="x", token_sha256=b"x" * 32, created_at=now, expires_at=now)


def appoint_the_chair(_school: School) -> None:
    RoleAssignment.objects.create(user=User.objects.get(sourced_id="u-98"), role=Role.CHAIR, since=timezone.localdate())


def upload_something(_school: School) -> None:
    """A foreign key that gives the person no name for the way back."""
    upload_roster(person=User.objects.get(sourced_id="u-98"), name="x.zip", content=b"x", language="sl")


def ask_for_a_code(_school: School) -> None:
    request_code(contact=ContactPoint.objects.get(user__sourced_id="u-98"))


def say_no(_school: School) -> None:
    person = User.objects.get(sourced_id="u-21")
    gate.refuse_consent(actor=person.pk, subject=person.pk, purpose="vendor_offers", channel="email")


def rename_by_hand(_school: School) -> None:
    User.objects.filter(sourced_id="u-05").update(family_name="Mlakar-Kos")


def import_by_command(_school: School) -> None:
    import_roster(school=_school, path=OS_LIPA.path)


BUILDS = {
    "logged_in": log_in,
    "contact": verify,
    "lessons": record_a_lesson,
    "refers": make_a_token,
    "refers ": appoint_the_chair,
    "refers  ": upload_something,
    "messages": ask_for_a_code,
    "consents": say_no,
    "changed": rename_by_hand,
    "changed ": import_by_command,
}


@LIPA
@pytest.mark.parametrize("reason", BUILDS)
def test_what_has_been_built_upon_is_not_undone(
    kept: Kept, own_school: School, director_of_lipa: User, tmp_path: Path, reason: str
) -> None:
    imported(own_school, kept.path, director_of_lipa)
    found = imported(own_school, changed_in_every_way(tmp_path), director_of_lipa)
    assert reasons(found) == {}
    build: Callable[[School], None] = BUILDS[reason]

    build(own_school)

    assert reason.strip() in reasons(found)
    assert undone(own_school, found, director_of_lipa).state == ImportState.APPLIED
    assert found.hitch == Hitch.BUILT_UPON
    assert User.objects.filter(sourced_id="u-99").exists()
    assert Enrolment.objects.filter(sourced_id="vpis-99").exists()


@LIPA
def test_a_login_name_that_somebody_else_has_by_now_stops_the_undo(
    kept: Kept, own_school: School, director_of_lipa: User, tmp_path: Path
) -> None:
    imported(own_school, kept.path, director_of_lipa)
    path = edited(kept.path, tmp_path, {"users.csv": with_cell(7, "username", "nika")})
    found = imported(own_school, path, director_of_lipa)
    enter("p11", Role.TEACHER)

    assert undone(own_school, found, director_of_lipa).hitch == Hitch.BUILT_UPON

    assert User.objects.get(sourced_id="u-11").username == "nika"


@LIPA
def test_who_directs_the_school_is_given_back_by_a_director_alone(
    kept: Kept, own_school: School, director_of_lipa: User, tmp_path: Path
) -> None:
    """Somebody who was there directs as well; an administrator who could not do that cannot take it back either."""
    imported(own_school, kept.path, director_of_lipa)
    path = edited(kept.path, tmp_path, {"roles.csv": with_cell(3, "role", "principal")})
    found = imported(own_school, path, director_of_lipa)
    directing = RoleAssignment.objects.filter(role=Role.DIRECTOR, until=None)
    administrator = enter("skrbnik", Role.ADMINISTRATOR)

    with pytest.raises(DirectorsOwn):
        ask_to_undo(import_id=found.pk, person=administrator)

    found.refresh_from_db()
    assert (found.state, directing.count()) == (ImportState.APPLIED, 3)
    assert undone(own_school, found, director_of_lipa).state == ImportState.UNDONE
    assert directing.count() == 2


@LIPA
def test_where_nobody_directs_whoever_imports_takes_it_back(kept: Kept, own_school: School, tmp_path: Path) -> None:
    """The file made the only director somebody else; there is nobody who could be asked."""
    administrator = enter("skrbnik", Role.ADMINISTRATOR)
    User.objects.filter(pk=administrator.pk).update(sourced_id=None)
    imported(own_school, kept.path, administrator)
    director = User.objects.get(role_assignments__role=Role.DIRECTOR, role_assignments__until=None)
    nobody: Edit = lambda text: with_cell(3, "role", "teacher")(with_cell(2, "role", "counselor")(text))  # noqa: E731
    path = edited(kept.path, tmp_path, {"roles.csv": nobody})
    found = imported(own_school, path, director)
    assert not RoleAssignment.objects.filter(role=Role.DIRECTOR, until=None).exists()

    assert undone(own_school, found, administrator).state == ImportState.UNDONE

    assert RoleAssignment.objects.get(role=Role.DIRECTOR, until=None).user == director


@LIPA
def test_only_the_last_import_can_be_undone(
    kept: Kept, own_school: School, director_of_lipa: User, tmp_path: Path
) -> None:
    first = imported(own_school, kept.path, director_of_lipa)
    imported(own_school, changed_in_every_way(tmp_path), director_of_lipa)

    with pytest.raises(NotTheLast):
        ask_to_undo(import_id=first.pk, person=director_of_lipa)

    assert set(RosterChange.objects.values_list("roster_import_id").distinct()) != {(first.pk,)}
    assert reasons(first) == {"later": 1}
