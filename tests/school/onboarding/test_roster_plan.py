"""What a roster means: bulk and delta, who leaves, who leads, who belongs together."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tenants.onboarding.roster.people import CurrentPeople, login_name
from tenants.onboarding.roster.plan import RosterPlan, SchoolState
from tests.school.onboarding.bundles import (
    KEPT,
    OS_LIPA,
    OS_REKA,
    SLONECZKO,
    SP_BRZOZOWA,
    Edit,
    Kept,
    edited,
    plan_of,
    problems_of,
    roles_in,
    school_after,
    with_cell,
    with_line,
    without_line,
)


def lipa_with(folder: Path, edits: dict[str, Edit], state: SchoolState) -> RosterPlan:
    return plan_of(edited(OS_LIPA.path, folder, edits), state=state)


@pytest.mark.parametrize("kept", KEPT, ids=str)
def test_a_second_import_of_the_same_file_changes_nothing(kept: Kept) -> None:
    first = plan_of(kept.path, country=kept.country)

    second = plan_of(kept.path, country=kept.country, state=school_after(first))

    assert second.changes_nothing
    assert second.people.unchanged == kept.people
    assert second.enrolments.unchanged == kept.enrolments


def test_the_only_administrator_of_a_1_1_roster_is_the_director() -> None:
    roles = Counter(role for person in plan_of(OS_REKA.path).people.created for role in person.roles)

    assert roles == {"guardian": 487, "pupil": 325, "teacher": 18, "homeroom_teacher": 2, "director": 1}


def test_of_two_administrators_nobody_is_guessed_to_be_the_director(tmp_path: Path) -> None:
    path = edited(
        SLONECZKO.path,
        tmp_path,
        {"users.csv": lambda text: text.replace(",teacher,", ",administrator,", 1), "enrollments.csv": without_line(2)},
    )

    plan = plan_of(path, country="PL")

    assert Counter(role for person in plan.people.created for role in person.roles)["administrator"] == 2
    assert not any("director" in person.roles for person in plan.people.created)
    assert "Nobody is marked as director." in plan.notices[0]


def test_an_administrator_marked_as_director_is_the_director(tmp_path: Path) -> None:
    def mark(text: str) -> str:
        header, *lines = text.replace(",teacher,", ",administrator,", 1).splitlines()
        marked = [f"{line},{'true' if 'director@example.org' in line else ''}" for line in lines]
        return "\n".join([f"{header},metadata.director", *marked])

    plan = plan_of(
        edited(SLONECZKO.path, tmp_path, {"users.csv": mark, "enrollments.csv": without_line(2)}), country="PL"
    )

    counted = Counter(role for person in plan.people.created for role in person.roles)
    assert (counted["director"], counted["administrator"]) == (1, 1)


def test_roles_of_1_2_come_from_roles_csv_and_end_with_their_dates(lipa: SchoolState) -> None:
    persons = lipa.people.persons

    assert persons["u-01"].roles == {"director"}
    assert persons["u-02"].roles == {"administrator"}
    assert persons["u-03"].roles == {"teacher", "homeroom_teacher"}  # was administrator until August
    assert persons["u-04"].roles == {"teacher", "homeroom_teacher", "guardian"}
    assert persons["u-05"].roles == {"teacher"}
    assert persons["u-25"].roles == {"guardian"}


def test_siblings_share_their_guardians(lipa: SchoolState) -> None:
    pairs = {(pair.guardian, pair.pupil, pair.relation) for pair in lipa.people.guardianships.values()}

    assert {pair for pair in pairs if pair[1] in ("u-11", "u-12")} == {
        ("u-04", "u-11", "parent"),
        ("u-21", "u-11", "parent"),
        ("u-04", "u-12", "parent"),
        ("u-21", "u-12", "parent"),
    }
    assert ("u-25", "u-16", "relative") in pairs  # named from the guardian's side
    assert len(pairs) == 10


def test_two_siblings_of_os_reka_have_one_mother_and_not_two() -> None:
    plan = plan_of(OS_REKA.path)

    children = Counter(pair.guardian for pair in plan.guardianships.created)
    assert len(plan.guardianships.created) == 594
    assert len(children) == 487
    assert max(children.values()) > 1


def test_a_guardian_without_a_pupil_gets_no_guardians_rights(tmp_path: Path) -> None:
    path = edited(OS_LIPA.path, tmp_path, {"users.csv": with_cell(17, "agentSourcedIds", "")})

    plan = plan_of(path)

    assert roles_in(plan, "u-25") == set()
    assert "1 guardian has no pupil" in plan.notices[0]


def test_a_pupil_cannot_be_a_guardian(tmp_path: Path) -> None:
    path = edited(OS_LIPA.path, tmp_path, {"users.csv": with_cell(12, "agentSourcedIds", "u-15")})

    (problem,) = problems_of(path)

    assert (problem.file, problem.line, problem.field) == ("users.csv", 12, "agentSourcedIds")
    assert "“u-15” is a pupil" in problem.message


def test_addresses_are_contacts_and_landlines_are_not(lipa: SchoolState) -> None:
    persons = lipa.people.persons

    assert persons["u-01"].contacts == {("email", "marta.lipovsek@example.org"), ("sms", "+38640500901")}
    assert persons["u-02"].contacts == {("email", "rok.zupan@example.org")}
    assert persons["u-04"].contacts == {("email", "boris.kos@example.org"), ("sms", "+38640500904")}
    assert persons["u-23"].contacts == frozenset()


def test_an_address_never_becomes_a_login_name() -> None:
    assert login_name("Nika", "P011", "u-11") == "nika"
    assert login_name("nika@example.org", "P011", "u-11") == "p011"
    assert login_name("nika@example.org", "p@example.org", "u-11").startswith("u")
    assert not any(
        "@" in person.username for kept in KEPT for person in plan_of(kept.path, country=kept.country).people.created
    )


def test_who_is_missing_from_a_bulk_file_ends_with_all_that_hangs_on_them(tmp_path: Path, lipa: SchoolState) -> None:
    gone = {"users.csv": without_line(8), "roles.csv": without_line(9), "demographics.csv": without_line(3)}
    enrolments = {"enrollments.csv": lambda text: "".join(p for p in text.splitlines(True) if ",u-12," not in p)}

    plan = lipa_with(tmp_path, {**gone, **enrolments}, lipa)

    assert [person.sourced_id for person in plan.people.ended] == ["u-12"]
    assert {pair.sourced_id for pair in plan.guardianships.ended} == {"u-04 u-12", "u-21 u-12"}
    assert {enrolment.person for enrolment in plan.enrolments.ended} == {"u-12"}
    assert plan.people.changed == ()  # both parents still have u-11


def test_what_is_missing_from_the_other_bulk_files_ends_as_well(tmp_path: Path, lipa: SchoolState) -> None:
    without_maths: dict[str, Edit] = {
        "classes.csv": lambda text: "".join(line for line in text.splitlines(True) if not line.startswith("mat-")),
        "courses.csv": lambda text: "".join(
            line for line in text.splitlines(True) if not line.startswith("predmet-mat")
        ),
        "enrollments.csv": lambda text: "".join(line for line in text.splitlines(True) if ",mat-" not in line),
    }

    plan = lipa_with(tmp_path, without_maths, lipa)

    assert [subject.sourced_id for subject in plan.subjects.ended] == ["predmet-mat"]
    assert {group.sourced_id for group in plan.classes.ended} == {"mat-3a", "mat-4a"}
    assert len(plan.enrolments.ended) == 8
    assert plan.people.to_write == ()


def test_one_missing_enrolment_of_a_bulk_file_ends(tmp_path: Path, lipa: SchoolState) -> None:
    plan = lipa_with(tmp_path, {"enrollments.csv": without_line(5)}, lipa)

    assert [(enrolment.sourced_id, enrolment.is_active) for enrolment in plan.enrolments.ended] == [("vpis-04", False)]
    assert plan.enrolments.unchanged == 21


def test_who_is_marked_tobedeleted_in_a_bulk_file_ends(tmp_path: Path, lipa: SchoolState) -> None:
    enrolments = lambda text: "".join(p for p in text.splitlines(True) if ",u-05," not in p)  # noqa: E731

    plan = lipa_with(
        tmp_path,
        {
            "users.csv": with_cell(6, "status", "tobedeleted"),
            "roles.csv": with_cell(6, "status", "tobedeleted"),
            "enrollments.csv": enrolments,
        },
        lipa,
    )

    assert [(person.sourced_id, person.is_active) for person in plan.people.ended] == [("u-05", False)]


def test_a_reference_to_somebody_who_is_deleted_is_refused(tmp_path: Path) -> None:
    path = edited(OS_LIPA.path, tmp_path, {"users.csv": with_cell(6, "status", "tobedeleted")})

    assert {(problem.file, problem.field) for problem in problems_of(path)} == {
        ("roles.csv", "userSourcedId"),
        ("enrollments.csv", "userSourcedId"),
    }


def test_who_comes_back_is_changed_and_not_created(tmp_path: Path, lipa: SchoolState) -> None:
    without = {"users.csv": without_line(8), "roles.csv": without_line(9), "demographics.csv": without_line(3)}
    enrolments = {"enrollments.csv": lambda text: "".join(p for p in text.splitlines(True) if ",u-12," not in p)}
    ended = school_after(lipa_with(tmp_path, {**without, **enrolments}, lipa), lipa)

    plan = plan_of(OS_LIPA.path, state=ended)

    assert plan.people.created == ()
    assert [new.sourced_id for _old, new in plan.people.changed] == ["u-12"]
    assert plan_of(OS_LIPA.path, state=school_after(plan, ended)).changes_nothing


def test_a_bulk_file_cannot_refer_to_what_it_leaves_out_although_the_school_has_it(
    tmp_path: Path, lipa: SchoolState
) -> None:
    path = edited(OS_LIPA.path, tmp_path, {"courses.csv": without_line(3)})

    assert {(problem.file, problem.field) for problem in problems_of(path, state=lipa)} == {
        ("classes.csv", "courseSourcedId")
    }


def test_another_schools_roster_is_refused(lipa: SchoolState) -> None:
    (problem,) = problems_of(OS_REKA.path, state=lipa)

    # Without a field: it is not to be put right by writing this school's identifier there.
    assert (problem.file, problem.line, problem.field) == ("orgs.csv", 2, None)
    assert "This is the roster of “OŠ Reka”" in problem.message


def test_another_schools_roster_is_one_problem_and_not_one_for_each_person() -> None:
    reka = school_after(plan_of(OS_REKA.path))

    (problem,) = problems_of(SP_BRZOZOWA.path, country="PL", state=reka)

    assert problem.file == "orgs.csv"


def test_a_contact_that_the_person_entered_is_left_alone(lipa: SchoolState) -> None:
    people = replace(
        lipa.people,
        persons={**lipa.people.persons, "u-21": replace(lipa.people.persons["u-21"], contacts=frozenset())},
        own_channels=frozenset({("u-21", "email"), ("u-21", "sms")}),
    )

    plan = plan_of(OS_LIPA.path, state=replace(lipa, people=people))

    assert plan.changes_nothing


def test_a_login_name_of_somebody_unknown_to_rosters_is_not_taken_away(lipa: SchoolState) -> None:
    people = CurrentPeople({}, {}, taken_names=frozenset({"p11"}))

    (problem,) = problems_of(OS_LIPA.path, state=SchoolState(people=people))

    assert (problem.file, problem.line, problem.field) == ("users.csv", 7, "username")


def test_two_people_cannot_swap_their_login_names(tmp_path: Path, lipa: SchoolState) -> None:
    def swap(text: str) -> str:
        return text.replace(",p11,", ",p0,").replace(",p12,", ",p11,").replace(",p0,", ",p12,")

    problems = problems_of(edited(OS_LIPA.path, tmp_path, {"users.csv": swap}), state=lipa)

    assert [(problem.line, problem.field) for problem in problems] == [(7, "username"), (8, "username")]


def test_a_date_of_birth_in_the_future_is_refused(tmp_path: Path) -> None:
    path = edited(OS_LIPA.path, tmp_path, {"demographics.csv": with_cell(2, "birthDate", "2028-03-14")})

    (problem,) = problems_of(path)

    assert (problem.file, problem.line, problem.field) == ("demographics.csv", 2, "birthDate")


def test_a_date_of_birth_survives_a_roster_without_demographics(tmp_path: Path, lipa: SchoolState) -> None:
    edits: dict[str, Edit] = {
        "demographics.csv": None,
        "manifest.csv": lambda text: text.replace("file.demographics,bulk", "file.demographics,absent"),
    }

    plan = lipa_with(tmp_path, edits, lipa)

    assert plan.changes_nothing
    assert lipa.people.persons["u-11"].date_of_birth == date(2018, 3, 14)


def test_a_person_without_a_role_in_1_2_is_refused(tmp_path: Path) -> None:
    (problem,) = problems_of(edited(OS_LIPA.path, tmp_path, {"roles.csv": without_line(3)}))

    assert (problem.file, problem.line, problem.field) == ("users.csv", 3, "sourcedId")


def test_a_disabled_person_is_not_active(tmp_path: Path, lipa: SchoolState) -> None:
    plan = lipa_with(tmp_path, {"users.csv": with_cell(3, "enabledUser", "false")}, lipa)

    assert [(person.sourced_id, person.roles) for person in plan.people.ended] == [("u-02", frozenset())]


def test_the_same_enrolment_twice_is_refused(tmp_path: Path) -> None:
    row = "vpis-99,,,razred-3a,org-lipa,u-03,teacher,true,,"

    (problem,) = problems_of(edited(OS_LIPA.path, tmp_path, {"enrollments.csv": with_line(row)}))

    assert (problem.file, problem.line, problem.field) == ("enrollments.csv", 24, "userSourcedId")
    assert "in line 2" in problem.message


def test_sessions_in_a_circle_are_refused(tmp_path: Path) -> None:
    path = edited(OS_LIPA.path, tmp_path, {"academicSessions.csv": with_cell(2, "parentSourcedId", "obdobje-1")})

    assert {(problem.line, problem.field) for problem in problems_of(path)} == {
        (2, "parentSourcedId"),
        (3, "parentSourcedId"),
        (4, "parentSourcedId"),
    }
