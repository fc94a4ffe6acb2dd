"""Runs one act of the story: a management command in a process of its own, with that process's environment only."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from local.environment import environment_for
from local.places import ROOT, postgres_binaries
from local.run import command_of

SECONDS_FOR_AN_ACT = 60
SECONDS_TO_WAIT = 60
Found = TypeVar("Found")


class ActFailed(RuntimeError):
    """An act did not go as the story needs; the message holds what the command said."""


class Stage:
    """Where the story plays: one state folder whose processes are running."""

    def __init__(self, state: Path) -> None:
        self.state = state

    def act(self, process: str, *words: str, stdin: str = "") -> dict[str, Any]:
        """Run manage.py with these words as this process; returns what it printed, a line of JSON."""
        done = self.run(process, "manage.py", *words, stdin=stdin)
        if done.returncode != 0:
            raise ActFailed(f"{' '.join(words)} (as {process}) failed:\n{done.stdout}{done.stderr}")
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer

    def run(self, process: str, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command_of(list(command)),
            cwd=ROOT,
            env=environment_for(process, self.state) | {"ZGODA_DEMO_CAST": "1"},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS_FOR_AN_ACT,
        )

    def psql_as_vendor(self, sql: str) -> str:
        """What psql prints for this script with the vendor's login; refusals go unprinted."""
        environment = environment_for("vendor", self.state)
        done = subprocess.run(
            [str(postgres_binaries() / "psql"), "-AtXq"],
            env={
                "PGHOST": environment["ZGODA_DB_HOST"],
                "PGPORT": environment["ZGODA_DB_PORT"],
                "PGDATABASE": environment["ZGODA_DB_NAME"],
                "PGUSER": "app_vendor",
                "PGPASSWORD": environment["ZGODA_DB_PASSWORD"],
            },
            input=sql,
            capture_output=True,
            text=True,
            check=True,
            timeout=SECONDS_FOR_AN_ACT,
        )
        return done.stdout


def wait_for(what: str, look: Callable[[], Found | None]) -> Found:
    """Look until there is something to be found."""
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise ActFailed(f"{what} did not happen within {SECONDS_TO_WAIT} seconds.")
        time.sleep(0.02)
