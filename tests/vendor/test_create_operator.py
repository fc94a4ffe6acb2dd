import io

import pytest
from django.core.management import CommandError, call_command

from tenants.operators.models import Operator

from .conftest import PASSWORD


def create(monkeypatch: pytest.MonkeyPatch, username: str, password: str = PASSWORD) -> str:
    said = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("create_operator", username, "Olga Operator", "--password-stdin", "--language", "pl", stdout=said)
    return said.getvalue()


def test_a_colleague_is_added_with_a_password_from_standard_input(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    said = create(monkeypatch, "Olga")

    olga = Operator.objects.get()
    assert (olga.username, olga.name, olga.language) == ("olga", "Olga Operator", "pl")
    assert olga.check_password(PASSWORD)
    assert PASSWORD not in said


@pytest.mark.parametrize(
    ("username", "password", "complaint"),
    [
        ("olga", "short", "too short"),
        ("olga", "1234567890", "numeric"),
        ("ol ga", PASSWORD, "a-z"),
        ("x" * 65, PASSWORD, "64"),
    ],
)
def test_what_cannot_be_used_is_said_and_nobody_is_added(
    db: None, monkeypatch: pytest.MonkeyPatch, username: str, password: str, complaint: str
) -> None:
    with pytest.raises(CommandError, match=complaint):
        create(monkeypatch, username, password)

    assert not Operator.objects.exists()


def test_a_name_is_given_once(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="already"):
        create(monkeypatch, "olga")

    assert Operator.objects.count() == 1


def test_the_command_line_takes_no_password(db: None) -> None:
    with pytest.raises(CommandError, match="unrecognized"):
        call_command("create_operator", "olga", "Olga", "--password", PASSWORD)
