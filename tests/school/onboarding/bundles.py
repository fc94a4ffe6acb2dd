"""Bundles for these tests: the five that are kept, and copies of them with one thing wrong."""

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from tenants.onboarding.roster.bundle import read_bundle
from tenants.onboarding.roster.people import CurrentPeople
from tenants.onboarding.roster.plan import RosterPlan, SchoolState, make_plan
from tenants.onboarding.roster.problems import Problem, RosterRefused

ROSTERS = Path(__file__).resolve().parents[3] / "fixtures" / "rosters"
TODAY = date(2026, 11, 20)

R = TypeVar("R")
Edit = Callable[[str], str] | bytes | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A bundle of fixtures/rosters, its school's country and what it holds."""

    name: str
    country: str
    people: int
    enrolments: int

    @property
    def path(self) -> Path:
        return ROSTERS / f"{self.name}.oneroster.zip"

    def __str__(self) -> str:
        return self.name


KEPT = (
    Kept("os-reka", "SI", 831, 3087),
    Kept("sp-brzozowa", "PL", 1241, 4635),
    Kept("himnaziia-sosny", "UA", 1200, 4509),
    Kept("przedszkole-sloneczko", "PL", 220, 89),
    Kept("os-lipa", "SI", 16, 22),
)
OS_REKA, SP_BRZOZOWA, SOSNY, SLONECZKO, OS_LIPA = KEPT


def files_of(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def edited(bundle: Path, folder: Path, edits: Mapping[str, Edit], name: str = "edited.zip") -> Path:
    """A copy with some files changed: by a function of the text, by new bytes, or left out (None)."""
    files = files_of(bundle)
    for file, edit in edits.items():
        if edit is None:
            del files[file]
        elif isinstance(edit, bytes):
            files[file] = edit
        else:
            files[file] = edit(files[file].decode()).encode()
    return pack(folder / name, files)


def with_cell(line: int, field: str, value: str) -> Callable[[str], str]:
    """Put a value into a field of a line; lines count as in an editor and hold no quoted comma before the field."""

    def edit(text: str) -> str:
        lines = text.splitlines()
        cells = lines[line - 1].split(",")
        cells[lines[0].split(",").index(field)] = value
        lines[line - 1] = ",".join(cells)
        return "\n".join(lines) + "\n"

    return edit


def without_line(line: int) -> Callable[[str], str]:
    return lambda text: "".join(part for at, part in enumerate(text.splitlines(keepends=True), 1) if at != line)


def with_line(row: str) -> Callable[[str], str]:
    return lambda text: text + ("" if text.endswith("\n") else "\n") + row + "\n"


def plan_of(path: Path, *, country: str = "SI", state: SchoolState | None = None, today: date = TODAY) -> RosterPlan:
    """The plan for a school in this state (an empty one by default). The keyed hash is the address itself."""
    state = state or SchoolState()
    bundle = read_bundle(path, country=country, known=state.known_ids())
    return make_plan(bundle, state, today=today, hash_address=lambda _channel, address: address)


def problems_of(path: Path, *, country: str = "SI", state: SchoolState | None = None) -> tuple[Problem, ...]:
    try:
        plan_of(path, country=country, state=state)
    except RosterRefused as refused:
        return refused.problems
    raise AssertionError("The bundle was accepted.")


def school_after(plan: RosterPlan, before: SchoolState | None = None) -> SchoolState:
    """The state that a school has when the plan was carried out."""
    before = before or SchoolState()

    def written(current: Mapping[str, R], difference: Any) -> dict[str, R]:
        return {**current, **{record.sourced_id: record for record in difference.to_write}}

    return SchoolState(
        units=written(before.units, plan.units),
        sessions=written(before.sessions, plan.sessions),
        subjects=written(before.subjects, plan.subjects),
        classes=written(before.classes, plan.classes),
        enrolments=written(before.enrolments, plan.enrolments),
        people=CurrentPeople(
            persons=written(before.people.persons, plan.people),
            guardianships=written(before.people.guardianships, plan.guardianships),
        ),
    )


def roles_in(plan: RosterPlan, sourced_id: str) -> set[str]:
    return {role for person in plan.people.to_write if person.sourced_id == sourced_id for role in person.roles}
