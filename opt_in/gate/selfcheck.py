"""Compares the gate in the database with the one this release was built with, and says which guard is missing.

`python -m opt_in.gate.selfcheck --write` renews manifest.json from the fresh installation that ZGODA_BOOTSTRAP_DSN
names; `--check` prints the findings there.
"""

import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from opt_in.gate.calls import CursorSource, call
from opt_in.gate.catalogue import QUERIES

MANIFEST = Path(__file__).with_name("manifest.json")

Section = dict[str, dict[str, Any]]

_WORDS = {
    "functions": "function",
    "tables": "table",
    "constraints": "constraint",
    "indexes": "index",
    "guards": "guard",
    "system triggers": "foreign key's trigger",
    "schema": "schema",
    "other objects": "object",
    "roles": "role",
    "memberships": "membership",
    "school roles": "role",
    "rights": "right",
    "kinds": "kind",
}


class UnsoundGate(Exception):
    """The gate is not the one this release was built with; nothing may be served."""

    def __init__(self, findings: list[str]) -> None:
        super().__init__("The gate is not sound:\n" + "\n".join(f"- {finding}" for finding in findings))
        self.findings = findings


def require_sound_gate(connection: CursorSource) -> None:
    """Raise UnsoundGate unless everything is in place. Reads the catalogue only; any login may ask."""
    found = findings(connection)
    if found:
        raise UnsoundGate(found)


def findings(connection: CursorSource) -> list[str]:
    """What is missing, changed or too much, one sentence each."""
    if not call("SELECT FROM pg_namespace WHERE nspname = 'consent'", (), connection):
        return ["The gate is not installed: there is no schema consent."]
    expected = _manifest()
    found = []
    for section in QUERIES:
        found += _differences(_WORDS[section], expected[section], _section(section, connection))
    return found + _clock(connection) + _own_login(connection) + _settings(connection)


def describe(connection: CursorSource) -> dict[str, Section]:
    """The gate as it is, in the manifest's form."""
    return {section: _section(section, connection) for section in QUERIES}


def _section(section: str, connection: CursorSource) -> Section:
    rows = call(QUERIES[section].replace("%", "%%"), (), connection)
    parsed = {name: json.loads(value) if isinstance(value, str) else value for name, value in rows}
    return dict(sorted(parsed.items()))


@cache
def _manifest() -> dict[str, Section]:
    manifest: dict[str, Section] = json.loads(MANIFEST.read_text())
    return manifest


def _differences(word: str, expected: Section, actual: Section) -> list[str]:
    found = [f"The {word} {name} is missing." for name in expected.keys() - actual.keys()]
    found += [f"The {word} {name} is not of this release." for name in actual.keys() - expected.keys()]
    for name in expected.keys() & actual.keys():
        changed = [key for key, value in expected[name].items() if actual[name].get(key) != value]
        found += [f"The {word} {name} differs in {key}: {_shown(actual[name].get(key))}." for key in changed]
    return sorted(found)


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 200 else text[:200] + "…"


def _clock(connection: CursorSource) -> list[str]:
    """The time of decisions is the server's own; the body of consent.now() is compared with the other functions."""
    if call("SELECT FROM pg_namespace WHERE nspname = 'consent_test'", (), connection):
        return ["This is a test database: the schema consent_test is there, and with it a clock that can be set."]
    return []


def _own_login(connection: CursorSource) -> list[str]:
    """This process's own login can neither go round the gate nor become one who can."""
    ((login, is_super, bypasses, creates_roles, creates_databases),) = call(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = session_user",
        (),
        connection,
    )
    found = []
    if is_super:
        found.append(f"The login {login} is a superuser; no process may use one.")
    if bypasses:
        found.append(f"The login {login} bypasses row security.")
    if creates_databases or (creates_roles and login != "zgoda_owner"):
        found.append(f"The login {login} may create roles or databases.")
    if not is_super:
        found += [
            f"The login {login} can become {name}."
            for (name,) in call(
                "SELECT rolname FROM pg_roles WHERE (rolsuper OR rolname = 'consent_owner' "
                "OR rolname LIKE 'pg\\_%%') AND rolname <> session_user "
                "AND (pg_has_role(session_user, oid, 'SET') OR pg_has_role(session_user, oid, 'USAGE'))",
                (),
                connection,
            )
        ]
    return found


def _settings(connection: CursorSource) -> list[str]:
    """Guards and keys hold only in an ordinary session."""
    ((role, isolation),) = call(
        "SELECT current_setting('session_replication_role'), current_setting('default_transaction_isolation')",
        (),
        connection,
    )
    found = []
    if role != "origin":
        found.append(f"session_replication_role is {role}: foreign keys are not checked.")
    if isolation != "read committed":
        found.append(f"default_transaction_isolation is {isolation}: the gate works in READ COMMITTED only.")
    return found


def write_manifest(connection: CursorSource) -> None:
    """Take what this database is for what it must be. Only ever from a fresh installation."""
    MANIFEST.write_text(json.dumps(describe(connection), indent=1, ensure_ascii=False) + "\n")


def main() -> None:
    """Needs a login that may connect; the superuser's own findings about itself are expected."""
    with psycopg.connect(os.environ["ZGODA_BOOTSTRAP_DSN"]) as connection:
        if sys.argv[1:] == ["--write"]:
            write_manifest(connection)
        else:
            print("\n".join(findings(connection)) or "The gate is sound.")


if __name__ == "__main__":
    main()
