"""Makes the demo's database: logins, gate, schemas, schools, rosters. Each step may be repeated without harm."""

import hashlib
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.environment import environment_for
from local.places import ROOT
from local.postgres import Cluster
from local.run import command_of
from local.tether import tethered

_CODE = ("tenants", "opt_in", "ediary_core", "notifications", "platform/config", "platform/local", "fixtures")
_KINDS = {".py", ".sql", ".toml", ".json", ".zip", ".csv"}


class PreparationFailed(RuntimeError):
    """A step ended with an error; the message names the step and holds its output."""


@dataclass(frozen=True, slots=True)
class School:
    """One of the four schools of the demo."""

    name: str
    subdomain: str
    country: str
    kind: str

    @property
    def roster(self) -> Path:
        return ROOT / "fixtures" / "rosters" / f"{self.subdomain}.oneroster.zip"


SCHOOLS = (
    School("OŠ Reka", "os-reka", "SI", "primary"),
    School("SP Brzozowa", "sp-brzozowa", "PL", "primary"),
    School("Himnaziia Sosny", "himnaziia-sosny", "UA", "secondary"),
    School("Przedszkole Słoneczko", "przedszkole-sloneczko", "PL", "preschool"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One command, in a process of its own, with the secrets of one kind of process."""

    title: str
    process: str
    command: tuple[str, ...]


def steps() -> list[Step]:
    found = [
        Step("Logins and gate", "bootstrap", ("python", "-m", "opt_in.gate.bootstrap")),
        Step("Schema public", "provision", ("manage.py", "migrate_schemas", "--shared", "--verbosity", "0")),
        Step("Schema vendor", "vendor-owner", ("manage.py", "migrate", "--verbosity", "0")),
    ]
    for school in SCHOOLS:
        found.append(Step(f"{school.name}: schema", "provision", ("manage.py", "provision_school", school.subdomain)))
        command = ("manage.py", "import_roster", school.subdomain, str(school.roster), "--apply")
        found.append(Step(f"{school.name}: roster", "school", command))
    return found


def prepare(state: Path, tell: Callable[[str], None]) -> None:
    """Bring the database of this state folder to the present code; at once where nothing has changed since."""
    stamp = state / "prepared"
    fingerprint = _fingerprint(state)
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    with Cluster(state):
        for step in steps():
            tell(step.title)
            _run(step, state)
    stamp.write_text(_fingerprint(state))


def _run(step: Step, state: Path) -> None:
    done = subprocess.run(
        command_of(list(step.command)),
        cwd=ROOT,
        env=environment_for(step.process, state),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=tethered(signal.SIGTERM),
    )
    if done.returncode != 0:
        raise PreparationFailed(f"{step.title} failed ({' '.join(step.command)}):\n{done.stdout}{done.stderr}")


def _fingerprint(state: Path) -> str:
    """Of the code and the data that prepared the database, and of the database's own identity."""
    digest = hashlib.sha256()
    mark = state / "postgres.mark"
    digest.update(mark.read_bytes() if mark.exists() else b"")
    for folder in _CODE:
        for parent, folders, files in os.walk(ROOT / folder):
            folders.sort()
            for name in sorted(files):
                path = Path(parent, name)
                if path.suffix in _KINDS:
                    digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
                    digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
