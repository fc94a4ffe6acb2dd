"""Makes the demo's database: logins, gate, schemas, schools, rosters. Each step may be repeated without harm."""

import hashlib
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.environment import environment_for
from local.logins import open_accounts
from local.places import ROOT
from local.postgres import Cluster
from local.run import command_of
from local.static_files import provide_static_files
from local.story_acts import Stage
from local.tether import tethered, unstoppable
from notifications.messages import compile_catalogues, is_compiled

_CODE = ("tenants", "opt_in", "ediary_core", "notifications", "platform/config", "platform/local", "fixtures")
_KINDS = {".py", ".sql", ".toml", ".json", ".zip", ".csv"}


class PreparationFailed(RuntimeError):
    """A step ended with an error; the message names the step and holds its output."""


@dataclass(frozen=True, slots=True)
class School:
    """One of the four schools of the demo."""

    subdomain: str
    names: tuple[str, ...]
    country: str
    kind: str

    @property
    def name(self) -> str:
        return self.names[0].partition("=")[2]

    @property
    def roster(self) -> Path:
        return ROOT / "fixtures" / "rosters" / f"{self.subdomain}.oneroster.zip"

    def timetable(self, ending: str) -> str:
        return str(ROOT / "fixtures" / "timetables" / f"{self.subdomain}.{ending}")


SCHOOLS = (
    School("os-reka", ("sl=OŠ Reka",), "SI", "primary"),
    School("sp-brzozowa", ("pl=SP Brzozowa",), "PL", "primary"),
    School("himnaziia-sosny", ("uk=Гімназія «Сосни»", "en=Himnaziia Sosny"), "UA", "secondary"),
    School("przedszkole-sloneczko", ("pl=Przedszkole Słoneczko",), "PL", "preschool"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One command, in a process of its own, with the secrets of one kind of process."""

    title: str
    process: str
    command: tuple[str, ...]


def steps() -> list[Step]:
    found = [
        Step("Logins, gate and schema public", "bootstrap", ("manage.py", "bootstrap", "--verbosity", "0")),
        Step("Schema vendor", "vendor-owner", ("manage.py", "migrate", "--verbosity", "0")),
    ]
    for school in SCHOOLS:
        provision: tuple[str, ...] = (
            "manage.py",
            "provision_school",
            "--subdomain",
            school.subdomain,
            "--country",
            school.country,
        )
        provision += ("--kind", school.kind, "--names", *school.names)
        roster = ("manage.py", "import_roster", school.subdomain, str(school.roster), "--apply")
        found.append(Step(f"{school.name}: schema, role and entry in the gate", "provision", provision))
        found.append(Step(f"{school.name}: roster", "school", roster))
        timetable: tuple[str, ...] = ("manage.py", "import_timetable", school.subdomain, school.timetable("csv"))
        timetable += ("--bells", school.timetable("bells.csv"), "--from", "2026-09-01")
        found.append(Step(f"{school.name}: timetable", "school", timetable))
    return found


def prepare(state: Path, tell: Callable[[str], None]) -> None:
    """Bring the database of this state folder to the present code; at once where nothing has changed since."""
    provide_static_files(state)
    # Not part of what is done once: a translation alone may have changed, and the dispatcher sends none that is old.
    if not is_compiled():
        tell("Translations")
        compile_catalogues()
    stamp = state / "prepared"
    fingerprint = _fingerprint(state)
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    with Cluster(state):
        for step in steps():
            tell(step.title)
            _run(step, state)
        tell("Accounts to log in with")
        open_accounts(state, [school.subdomain for school in SCHOOLS])
        tell("Lessons of the last school day")
        for school in SCHOOLS:
            Stage(state).act("school", "record_past_lessons", school.subdomain)
    stamp.write_text(_fingerprint(state))


def _run(step: Step, state: Path) -> None:
    process: subprocess.Popen[str] | None = None
    try:
        with unstoppable():
            process = subprocess.Popen(
                command_of(step.command),
                cwd=ROOT,
                env=environment_for(step.process, state),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                preexec_fn=tethered(signal.SIGTERM),
            )
        output, _ = process.communicate()
    except BaseException:
        if process is not None:
            process.kill()
            process.wait()
        raise
    if process.returncode != 0:
        raise PreparationFailed(f"{step.title} failed ({' '.join(step.command)}):\n{output}")


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
