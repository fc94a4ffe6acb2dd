"""What is wrong with a file is said by file, line and field, all of it at once."""

import unicodedata
from pathlib import Path

import pytest

from tenants.onboarding.roster.fields import BadField, parse_date, spell_email, spell_phone
from tenants.onboarding.roster.problems import PROBLEMS_KEPT, Problems, RosterRefused
from tenants.onboarding.roster.tables import MOST_LINES, parse
from tests.school.onboarding.bundles import (
    KEPT,
    OS_LIPA,
    OS_REKA,
    SLONECZKO,
    Edit,
    Kept,
    edited,
    files_of,
    pack,
    plan_of,
    problems_of,
    with_cell,
    with_line,
    without_line,
)


@pytest.mark.parametrize("kept", KEPT, ids=str)
def test_a_kept_roster_is_accepted_as_a_whole(kept: Kept) -> None:
    plan = plan_of(kept.path, country=kept.country)

    assert len(plan.people.created) == kept.people
    assert len(plan.enrolments.created) == kept.enrolments
    assert plan.notices == ()


def test_the_packed_fixture_is_the_readable_one() -> None:
    folder = OS_LIPA.path.parent / "os-lipa"

    assert files_of(OS_LIPA.path) == {file.name: file.read_bytes() for file in folder.glob("*.csv")}


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    path = edited(OS_LIPA.path, tmp_path, {"users.csv": lambda text: "\ufeff" + text.replace("\n", "\r\n")})

    assert plan_of(path).people == plan_of(OS_LIPA.path).people


BROKEN: list[tuple[str, Edit, tuple[str, int | None, str | None], str]] = [
    ("manifest.csv", None, ("manifest.csv", None, None), "export the bundle as a whole"),
    ("classes.csv", None, ("classes.csv", None, None), "Add the file to the archive"),
    ("orgs.csv", b"", ("orgs.csv", None, None), "at least its header line"),
    (
        "manifest.csv",
        lambda text: text.replace("oneroster.version,1.1", "oneroster.version,2.0"),
        ("manifest.csv", 3, "oneroster.version"),
        "Choose OneRoster 1.1 or 1.2",
    ),
    (
        "manifest.csv",
        lambda text: text.replace("file.users,bulk", "file.users,all"),
        ("manifest.csv", 16, "file.users"),
        "bulk, delta or absent",
    ),
    (
        "manifest.csv",
        lambda text: text.replace("file.users,bulk", "file.users,absent"),
        ("manifest.csv", 16, "file.users"),
        "take users.csv out of the archive",
    ),
    (
        "manifest.csv",
        without_line(16),
        ("manifest.csv", None, "file.users"),
        "Add the line file.users",
    ),
    (
        "users.csv",
        lambda text: text.replace("familyName", "familyname", 1),
        ("users.csv", 1, "familyName"),
        "exactly so, with capitals",
    ),
    (
        "users.csv",
        lambda text: text.replace("familyName", "familyname", 1),
        ("users.csv", 1, "familyname"),
        "Did you mean “familyName”?",
    ),
    ("users.csv", lambda text: text.replace(",", ";"), ("users.csv", 1, None), "a comma as separator"),
    ("users.csv", lambda text: text.replace("sms,phone", "sms,sms", 1), ("users.csv", 1, "sms"), "Keep one of them"),
    ("users.csv", with_line("only,three,fields"), ("users.csv", 222, None), "into quotation marks"),
    ("users.csv", with_line('x,"open'), ("users.csv", 222, None), "double those inside"),
    ("users.csv", with_cell(3, "givenName", ""), ("users.csv", 3, "givenName"), "Every record must have it"),
    ("users.csv", with_cell(3, "email", "nela.darlak@"), ("users.csv", 3, "email"), "or leave the field empty"),
    ("users.csv", with_cell(3, "phone", "12 34"), ("users.csv", 3, "phone"), "with the country code, for example +48"),
    ("users.csv", with_cell(3, "enabledUser", "yes"), ("users.csv", 3, "enabledUser"), "Write true or false"),
    ("users.csv", with_cell(3, "role", "director"), ("users.csv", 3, "role"), "Write one of: administrator, aide"),
    ("users.csv", with_cell(3, "username", "t00002"), ("users.csv", 3, "username"), "a user name"),
    ("users.csv", with_cell(3, "sourcedId", "a@example.org"), ("users.csv", 3, "sourcedId"), "an address may change"),
    ("users.csv", with_cell(3, "orgSourcedIds", "nowhere"), ("users.csv", 3, "orgSourcedIds"), "send the record"),
    ("users.csv", with_cell(3, "givenName", "N\x1bela"), ("users.csv", 3, "givenName"), "Remove it"),
    ("users.csv", with_cell(3, "dateLastModified", "now"), ("users.csv", 3, "dateLastModified"), "2026-09-01T08"),
    (
        "academicSessions.csv",
        with_cell(2, "endDate", "31.8.2027"),
        ("academicSessions.csv", 2, "endDate"),
        "for example 2026-09-01",
    ),
    (
        "academicSessions.csv",
        with_cell(2, "endDate", "2027-02-29"),
        ("academicSessions.csv", 2, "endDate"),
        "for example 2026-09-01",
    ),
    (
        "academicSessions.csv",
        with_cell(2, "endDate", "2026-08-31"),
        ("academicSessions.csv", 2, "endDate"),
        "Correct one of the two dates",
    ),
    (
        "academicSessions.csv",
        with_cell(2, "schoolYear", "2026/27"),
        ("academicSessions.csv", 2, "schoolYear"),
        "in which the school year ends",
    ),
    (
        "enrollments.csv",
        with_cell(4, "classSourcedId", "no-such-class"),
        ("enrollments.csv", 4, "classSourcedId"),
        "send the record that it names",
    ),
    ("enrollments.csv", with_cell(4, "role", "parent"), ("enrollments.csv", 4, "role"), "agentSourcedIds"),
    ("enrollments.csv", with_cell(4, "role", "teacher"), ("enrollments.csv", 4, "role"), "the person's role"),
    (
        "classes.csv",
        with_cell(2, "classType", "scheduled"),
        ("classes.csv", 2, "courseSourcedId"),
        "only classes of the type homeroom",
    ),
    (
        "orgs.csv",
        with_line("second,active,2026-09-01,Inna szkoła,school,,"),
        ("orgs.csv", 3, "type"),
        "Export each school",
    ),
]


@pytest.mark.parametrize(("file", "edit", "place", "advice"), BROKEN)
def test_a_mistake_is_named_by_file_line_and_field(
    tmp_path: Path, file: str, edit: Edit, place: tuple[str, int | None, str | None], advice: str
) -> None:
    problems = problems_of(edited(SLONECZKO.path, tmp_path, {file: edit}), country="PL")

    assert place in [(problem.file, problem.line, problem.field) for problem in problems]
    assert any(advice in problem.advice for problem in problems)


@pytest.mark.parametrize("encoding", ["cp1250", "utf-16"])
def test_another_encoding_is_named_with_the_place_of_its_first_trace(tmp_path: Path, encoding: str) -> None:
    users = files_of(SLONECZKO.path)["users.csv"].decode().encode(encoding)

    (problem,) = problems_of(edited(SLONECZKO.path, tmp_path, {"users.csv": users}), country="PL")

    place = (2, "familyName") if encoding == "cp1250" else (1, None)
    assert (problem.file, problem.line, problem.field) == ("users.csv", *place)
    assert "CSV UTF-8" in problem.advice


def test_a_duplicate_identifier_names_the_first_line(tmp_path: Path) -> None:
    users = files_of(SLONECZKO.path)["users.csv"].decode().splitlines()
    path = edited(SLONECZKO.path, tmp_path, {"users.csv": with_line(users[4])})

    problem = problems_of(path, country="PL")[0]

    assert (problem.file, problem.line, problem.field) == ("users.csv", 222, "sourcedId")
    assert "already stands in line 5" in problem.message


def test_all_problems_of_all_files_are_reported_together(tmp_path: Path) -> None:
    edits: dict[str, Edit] = {
        "users.csv": with_cell(3, "email", "nobody"),
        "classes.csv": with_cell(2, "classType", "lesson"),
        "enrollments.csv": with_cell(2, "beginDate", "1.9.2026"),
    }

    problems = problems_of(edited(SLONECZKO.path, tmp_path, edits), country="PL")

    assert [(problem.file, problem.line, problem.field) for problem in problems] == [
        ("classes.csv", 2, "classType"),
        ("users.csv", 3, "email"),
        ("enrollments.csv", 2, "beginDate"),
    ]


def test_a_flood_of_problems_is_counted_and_not_printed(tmp_path: Path) -> None:
    path = edited(OS_REKA.path, tmp_path, {"enrollments.csv": lambda text: text.replace(",true,,", ",perhaps,,")})

    with pytest.raises(RosterRefused) as refused:
        plan_of(path)

    assert refused.value.total == 3087
    assert len(refused.value.problems) == PROBLEMS_KEPT


def test_a_quoted_value_cannot_draw_on_the_terminal(tmp_path: Path) -> None:
    path = edited(SLONECZKO.path, tmp_path, {"users.csv": with_cell(3, "email", "\x1b[31mred" + "x" * 60)})

    (problem,) = problems_of(path, country="PL")

    assert "\x1b" not in str(problem)
    assert len(problem.message) < 140


def test_files_that_are_not_read_are_mentioned(tmp_path: Path) -> None:
    path = edited(
        SLONECZKO.path,
        tmp_path,
        {
            "manifest.csv": lambda text: text.replace("file.results,absent", "file.results,bulk"),
        },
    )
    files = files_of(path) | {"results.csv": b"sourcedId\n", "notes.txt": b"hello"}

    plan = plan_of(pack(tmp_path / "more.zip", files), country="PL")

    assert plan.notices == ("results.csv is not used here.", "notes.txt is not part of OneRoster and was not read.")


def test_passwords_of_a_roster_are_never_taken(tmp_path: Path) -> None:
    path = edited(SLONECZKO.path, tmp_path, {"users.csv": with_cell(3, "password", "letmein")})

    plan = plan_of(path, country="PL")

    assert "they are not used" in plan.notices[0]
    assert "letmein" not in repr(plan)


def test_a_missing_person_of_a_bulk_file_is_an_unknown_reference(tmp_path: Path) -> None:
    problems = problems_of(edited(SLONECZKO.path, tmp_path, {"users.csv": without_line(2)}), country="PL")

    assert [(problem.file, problem.line, problem.field) for problem in problems] == [
        ("enrollments.csv", 2, "userSourcedId")
    ]


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("040 500 001", "SI", "+38640500001"),
        ("+386 (0)40 500 001", "SI", "+38640500001"),
        ("0038640500001", "SI", "+38640500001"),
        ("500 660 001", "PL", "+48500660001"),
        ("067 555 00 47", "UA", "+380675550047"),
        ("+380675550047", "PL", "+380675550047"),
    ],
)
def test_a_number_becomes_e164_by_the_schools_country(written: str, country: str, number: str) -> None:
    assert spell_phone(written, country) == number


@pytest.mark.parametrize("written", ["1", "++386", "+38640", "tel. domov", "+999123456789"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(BadField):
        spell_phone(written, "SI")


@pytest.mark.parametrize("written", ["2026-9-1", "01.09.2026", "2026-02-30", "20260901", "2206-09-01", "today"])
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(BadField):
        parse_date(written)


def test_capitals_do_not_make_another_mailbox() -> None:
    assert spell_email("Boris.Kos@Example.org") == "boris.kos@example.org"


def test_millions_of_lines_are_refused_before_they_fill_the_memory() -> None:
    """Six megabytes of them would take half a gigabyte of a worker that all schools share."""
    problems = Problems()

    assert parse("users.csv", b"a\n" * 3_000_000, problems) is None

    assert [problem.message for problem in problems] == [f"The file has more than {MOST_LINES} lines."]


def test_a_letter_written_as_two_signs_is_the_letter(tmp_path: Path) -> None:
    apart = edited(
        OS_LIPA.path, tmp_path, {"users.csv": lambda text: text.replace("Žagar", unicodedata.normalize("NFD", "Žagar"))}
    )

    assert {person.family_name for person in plan_of(apart).people.created} >= {"Žagar"}
