"""The demo's accounts: a few people of each school and one of the vendor, all with one password made for this state."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from local.keys import keys_of
from local.story_acts import Stage


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who can log in; `at` is the school's subdomain, or empty for the vendor's console."""

    at: str
    role: str
    username: str


def open_accounts(state: Path, schools: list[str]) -> None:
    """Give the password to the people of the demo and remember who they are; again is harmless."""
    stage = Stage(state)
    password = keys_of(state).demo_password
    logins = [Login("", "operator", stage.act("vendor", "open_console_account", stdin=password)["username"])]
    for school in schools:
        opened = stage.act("school", "open_accounts", school, stdin=password)["opened"]
        logins += [Login(school, role, username) for role, username in opened]
    _file(state).write_text(json.dumps([asdict(login) for login in logins], ensure_ascii=False, indent=1))


def read_logins(state: Path) -> list[Login]:
    return [Login(**login) for login in json.loads(_file(state).read_text())]


def _file(state: Path) -> Path:
    return state / "logins.json"
