import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.environment import PROCESSES, environment_for, turn_knob
from local.keys import BROKER_USERS, DJANGO_PROCESSES, LOGINS, SUPERUSER, keys_of


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_holds_the_password_of_its_own_login_and_of_no_other(process: str, state: Path) -> None:
    keys = keys_of(state)

    told = " ".join(environment_for(process, state).values())

    for login in (SUPERUSER, *LOGINS):
        assert (keys.password_of(login) in told) == (login == PROCESSES[process].login), login
    for user in BROKER_USERS:
        assert (keys.broker_password_of(user) in told) == (user == PROCESSES[process].broker_user), user
    for settings in DJANGO_PROCESSES:
        assert (keys.signing_key_of(settings) in told) == (settings == PROCESSES[process].settings), settings


@pytest.mark.parametrize(
    ("process", "opens", "finds"),
    [
        ("school", True, True),
        ("dispatch", True, True),
        ("vendor", False, False),
        ("vendor-owner", False, False),
        ("public", False, False),
        ("keeper", False, False),
        ("provision", False, False),
        ("bootstrap", False, False),
        ("witness", False, False),
    ],
)
def test_only_school_and_dispatcher_can_open_an_address(process: str, opens: bool, finds: bool, state: Path) -> None:
    environment = environment_for(process, state)

    assert ("ZGODA_CONTACT_KEYS" in environment) == opens
    assert ("ZGODA_ADDRESS_HASH_KEY" in environment) == finds


def test_a_secret_of_the_terminal_reaches_no_process(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZGODA_DB_PASSWORD", "of another login")
    monkeypatch.setenv("PGPASSWORD", "of another login")

    environment = environment_for("vendor", state)

    assert "of another login" not in environment.values()


def test_an_unknown_process_is_named(state: Path) -> None:
    with pytest.raises(KeyError, match="no process school-wide"):
        environment_for("school-wide", state)


def test_a_knob_is_turned_for_one_process_only(state: Path) -> None:
    turn_knob("dispatch", "ZGODA_DISPATCH_PACE", "20", state)

    assert environment_for("dispatch", state)["ZGODA_DISPATCH_PACE"] == "20"
    assert "ZGODA_DISPATCH_PACE" not in environment_for("keeper", state)


def test_a_secret_is_no_knob(state: Path) -> None:
    with pytest.raises(ValueError, match="no knob"):
        turn_knob("vendor", "ZGODA_DB_PASSWORD", "x", state)


def test_a_command_runs_with_the_environment_of_its_process(state: Path) -> None:
    command = [sys.executable, "-m", "local.run", "keeper", "--", "env"]

    done = subprocess.run(
        command, env=os.environ | {"ZGODA_STATE": str(state)}, capture_output=True, text=True, check=True
    )

    assert "DJANGO_SETTINGS_MODULE=config.settings.keeper" in done.stdout
    assert keys_of(state).password_of("app_keeper") in done.stdout
