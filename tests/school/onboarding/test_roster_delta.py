"""A delta names changes only: whoever it does not name is left alone."""

from dataclasses import replace
from pathlib import Path

from tenants.onboarding.roster.differences import differences_of
from tenants.onboarding.roster.plan import SchoolState
from tests.school.onboarding.bundles import (
    OS_LIPA,
    SLONECZKO,
    pack,
    plan_of,
    problems_of,
    roles_in,
    school_after,
)

USERS_1_1 = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,"
    "identifier,email,sms,phone,agentSourcedIds,grades,password\n"
)


def delta(folder: Path, **files: str) -> Path:
    """A 1.2 delta of these files; every other is absent."""
    manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\n"
    manifest += "".join(f"file.{name},delta\n" for name in files)
    contents = {f"{name}.csv": text.encode() for name, text in files.items()}
    return pack(folder / "delta.zip", {"manifest.csv": manifest.encode(), **contents})


def test_a_delta_leaves_everybody_alone_whom_it_does_not_name(tmp_path: Path, lipa: SchoolState) -> None:
    users = "sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName,email\n"
    users += "u-21,active,2026-11-20T08:00:00Z,true,petra.kos@example.org,Petra,Kos-Novak,petra.novak@example.org\n"
    users += "u-23,tobedeleted,2026-11-20T08:00:00Z,,,,,\n"

    plan = plan_of(delta(tmp_path, users=users), state=lipa)

    changed = {new.sourced_id: (old, new) for old, new in plan.people.changed}
    assert set(changed) == {"u-21"}
    assert changed["u-21"][1].family_name == "Kos-Novak"
    assert changed["u-21"][1].contacts == {("email", "petra.novak@example.org")}
    assert changed["u-21"][1].roles == changed["u-21"][0].roles
    assert [person.sourced_id for person in plan.people.ended] == ["u-23"]
    assert {pair.guardian for pair in plan.guardianships.ended} == {"u-23"}
    assert plan.people.unchanged == 14
    assert plan.enrolments.to_write == ()


def test_a_delta_of_enrolments_moves_the_homeroom_teacher(tmp_path: Path, lipa: SchoolState) -> None:
    first = "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary"
    first += ",beginDate,endDate\n"
    rows = "vpis-02,tobedeleted,2026-11-20,,,,,,,\n"
    rows += "vpis-03,active,2026-11-20,razred-4a,org-lipa,u-03,teacher,true,,\n"

    plan = plan_of(delta(tmp_path, enrollments=first + rows), state=lipa)

    assert [enrolment.sourced_id for enrolment in plan.enrolments.ended] == ["vpis-02"]
    assert [new.is_primary for _old, new in plan.enrolments.changed] == [True]
    assert {new.sourced_id: set(new.roles) for _old, new in plan.people.changed} == {"u-04": {"teacher", "guardian"}}


def test_a_delta_of_roles_takes_and_gives(tmp_path: Path, lipa: SchoolState) -> None:
    rows = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,orgSourcedId\n"
    rows += "v-02,tobedeleted,2026-11-20,u-02,primary,siteAdministrator,org-lipa\n"
    rows += "v-27,active,2026-11-20,u-05,secondary,siteAdministrator,org-lipa\n"

    plan = plan_of(delta(tmp_path, roles=rows), state=lipa)

    assert roles_in(plan, "u-02") == set()
    assert roles_in(plan, "u-05") == {"teacher", "administrator"}
    assert len(plan.people.changed) == 2


def test_a_delta_record_must_say_its_status_and_date(tmp_path: Path, lipa: SchoolState) -> None:
    rows = "sourcedId,status,dateLastModified,title,courseCode,orgSourcedId\npredmet-mat,,,Matematika,MAT,org-lipa\n"

    problems = problems_of(delta(tmp_path, courses=rows), state=lipa)

    assert [(problem.line, problem.field) for problem in problems] == [(2, "status"), (2, "dateLastModified")]


def test_a_delta_may_refer_to_what_the_school_has_and_to_nothing_else(tmp_path: Path, lipa: SchoolState) -> None:
    rows = "sourcedId,status,dateLastModified,title,classType,courseSourcedId,schoolSourcedId,termSourcedIds\n"
    rows += "mat-5a,active,2026-11-20,Matematika 5. a,scheduled,predmet-mat,org-lipa,leto-2027\n"
    rows += "fiz-5a,active,2026-11-20,Fizika 5. a,scheduled,predmet-fiz,org-lipa,leto-2027\n"

    (problem,) = problems_of(delta(tmp_path, classes=rows), state=lipa)

    assert (problem.file, problem.line, problem.field) == ("classes.csv", 3, "courseSourcedId")


def test_a_delta_cannot_refer_to_what_it_deletes(tmp_path: Path, lipa: SchoolState) -> None:
    courses = "sourcedId,status,dateLastModified,title,orgSourcedId\npredmet-mat,tobedeleted,2026-11-20,,\n"
    classes = "sourcedId,status,dateLastModified,title,classType,courseSourcedId,schoolSourcedId,termSourcedIds\n"
    classes += "mat-5a,active,2026-11-20,Matematika 5. a,scheduled,predmet-mat,org-lipa,leto-2027\n"

    (problem,) = problems_of(delta(tmp_path, courses=courses, classes=classes), state=lipa)

    assert (problem.file, problem.line, problem.field) == ("classes.csv", 2, "courseSourcedId")


def test_a_pupils_record_in_a_delta_is_the_whole_list_of_guardians(tmp_path: Path, lipa: SchoolState) -> None:
    users = "sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName,agentSourcedIds\n"
    users += "u-11,active,2026-11-20,true,p11,Nika,Kos,u-21\n"

    plan = plan_of(delta(tmp_path, users=users), state=lipa)

    assert [pair.sourced_id for pair in plan.guardianships.ended] == ["u-04 u-11"]
    assert plan.people.to_write == ()  # Boris Kos still has Jan


def test_the_director_keeps_the_office_when_a_delta_repeats_the_record(tmp_path: Path) -> None:
    state = school_after(plan_of(SLONECZKO.path, country="PL"))
    director = next(person for person in state.people.persons.values() if "director" in person.roles)
    row = f"{director.sourced_id},active,2026-11-20,true,{next(iter(state.units))},administrator,director@example.org,,"
    row += "Marika,Mojsa-Nowak,,A00014,director@example.org,,,,,\n"
    manifest = b"propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.users,delta\n"

    plan = plan_of(
        pack(tmp_path / "d.zip", {"manifest.csv": manifest, "users.csv": (USERS_1_1 + row).encode()}),
        country="PL",
        state=state,
    )

    ((old, new),) = plan.people.changed
    assert (old.family_name, new.family_name, new.roles) == ("Mojsa", "Mojsa-Nowak", frozenset({"director"}))


def test_the_differences_are_told_without_any_address(tmp_path: Path, lipa: SchoolState) -> None:
    users = "sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName,identifier,email,sms\n"
    users += "u-21,active,2026-11-20,true,petra.kos@example.org,Petra,Kos-Novak,S021,p.n@example.org,+38640500921\n"
    users += "u-23,tobedeleted,2026-11-20,,,,,,,\n"

    lines = list(differences_of(plan_of(delta(tmp_path, users=users), state=lipa)))

    assert lines == [
        "People: Petra Kos-Novak (u-21): family_name Kos → Kos-Novak, new address: email",
        "People: Vida Bregar (u-23) ends",
        "Guardianships: u-23 → u-13 ends",
        "Guardianships: u-23 → u-14 ends",
    ]


def test_many_differences_are_cut_and_counted(lipa: SchoolState) -> None:
    rows = {key: replace(row, is_primary=not row.is_primary) for key, row in lipa.enrolments.items()}

    lines = list(differences_of(plan_of(OS_LIPA.path, state=replace(lipa, enrolments=rows)), lines_per_kind=2))

    assert [line for line in lines if line.startswith("Enrolments")] == [
        "Enrolments: u-03 in razred-3a: is_primary False → True",
        "Enrolments: u-04 in razred-4a: is_primary False → True",
        "Enrolments: … and 20 more",
    ]
