"""manage.py import_roster: counts and differences first, problems by file, line and field, nothing without --apply."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from tenants.people.models import User
from tenants.schools.models import School
from tests.school.onboarding.bundles import OS_REKA, edited, with_cell


def run(*words: str) -> str:
    out = StringIO()
    call_command("import_roster", *words, stdout=out)
    return out.getvalue()


def count_people(school: School) -> int:
    with tenant_context(school):
        return User.objects.count()


def test_without_apply_it_shows_what_would_change(os_reka: School) -> None:
    said = run("os-reka", str(OS_REKA.path))

    row = next(line for line in said.splitlines() if "People" in line)
    assert row.replace("│", " ").split() == ["People", "831", "0", "0", "0"]
    assert "Nothing was written. Repeat with --apply to import." in said
    assert count_people(os_reka) == 0


def test_with_apply_it_imports_and_the_second_time_has_nothing_to_do(os_reka: School) -> None:
    first = run("os-reka", str(OS_REKA.path), "--apply")
    second = run(str(os_reka.pk), str(OS_REKA.path), "--apply")

    assert "Imported." in first
    assert "nothing to write" in second
    assert count_people(os_reka) == 831


def test_a_refusal_names_file_line_field_and_what_to_do(os_reka: School, tmp_path: Path) -> None:
    path = edited(OS_REKA.path, tmp_path, {"users.csv": with_cell(5, "email", "[bold]nobody")})
    out = StringIO()

    with pytest.raises(CommandError, match=r"Refused: 1 problem\. Nothing was changed\."):
        call_command("import_roster", "os-reka", str(path), "--apply", stdout=out)

    assert "users.csv, line 5, email: “[bold]nobody” is not an e-mail address. Correct it" in out.getvalue()
    assert count_people(os_reka) == 0


@pytest.mark.parametrize("school", ["os-nowhere", "00000000-0000-0000-0000-000000000001"])
def test_an_unknown_school_is_an_error(db: None, school: str) -> None:
    with pytest.raises(CommandError, match="There is no school"):
        run(school, str(OS_REKA.path))
