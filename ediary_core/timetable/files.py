"""Reads a timetable from CSV (UTF-8, with a header) and says by row what is wrong with it."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext as _

from ediary_core.services.timetable import PlannedLesson

TIMETABLE_COLUMNS = ("class", "weekday", "period")
BELL_COLUMNS = ("period", "begins", "ends")


class TimetableRefused(Exception):
    """The file cannot be used; each problem is a sentence with its line, first line 1."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class _BadCell(Exception):
    """What is wrong with one cell."""


@dataclass(frozen=True, slots=True)
class KnownClass:
    id: UUID
    teacher_ids: frozenset[UUID]
    pupil_ids: frozenset[UUID]


Bells = list[tuple[int, time, time]]


def read_timetable(path: Path, *, classes: Mapping[str, KnownClass]) -> list[PlannedLesson]:
    """Columns `class` (the roster's sourcedId), `weekday` (1 is Monday) and `period` (0 to 15). Nobody is in two
    places: two lessons of one period share neither a teacher nor a pupil."""
    lessons: list[PlannedLesson] = []
    taken: dict[tuple[int, int], list[tuple[int, KnownClass]]] = {}

    def read(line: int, row: Mapping[str, str]) -> None:
        known = classes.get(row["class"])
        if known is None:
            raise _BadCell(_("The school has no class with the id “%(id)s”.") % {"id": row["class"]})
        weekday = _number(row["weekday"], 1, 7, _("The weekday is a number from 1 (Monday) to 7."))
        period = _number(row["period"], 0, 15, _("The period is a number from 0 to 15."))
        at_once = taken.setdefault((weekday, period), [])
        for other_line, other in at_once:
            if other.id == known.id:
                raise _BadCell(_("The same lesson is already in line %(line)d.") % {"line": other_line})
            if other.teacher_ids & known.teacher_ids:
                raise _BadCell(_("Its teacher is already busy then, in line %(line)d.") % {"line": other_line})
            if other.pupil_ids & known.pupil_ids:
                raise _BadCell(_("Its pupils are already busy then, in line %(line)d.") % {"line": other_line})
        at_once.append((line, known))
        lessons.append(PlannedLesson(known.id, weekday, period))

    _read_rows(path, TIMETABLE_COLUMNS, read)
    return lessons


def read_bells(path: Path) -> Bells:
    """Columns `period`, `begins` and `ends`, the times as 08:20."""
    bells: dict[int, tuple[int, time, time]] = {}

    def read(line: int, row: Mapping[str, str]) -> None:
        period = _number(row["period"], 0, 15, _("The period is a number from 0 to 15."))
        if period in bells:
            raise _BadCell(_("Period %(period)d is there twice.") % {"period": period})
        begins, ends = _time(row["begins"]), _time(row["ends"])
        if begins >= ends:
            raise _BadCell(_("The period ends before it begins."))
        bells[period] = (period, begins, ends)

    _read_rows(path, BELL_COLUMNS, read)
    return list(bells.values())


def _read_rows(path: Path, columns: tuple[str, ...], read: Callable[[int, Mapping[str, str]], None]) -> None:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError:
        raise TimetableRefused([_("The file cannot be read.")]) from None
    except UnicodeDecodeError:
        raise TimetableRefused([_("The file is not UTF-8 text.")]) from None
    reader = csv.DictReader(text.splitlines())
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error:
        raise TimetableRefused([_("The file cannot be read.")]) from None
    if missing := [column for column in columns if column not in (reader.fieldnames or ())]:
        raise TimetableRefused([_("The first line must name the columns %(names)s.") % {"names": ", ".join(missing)}])
    problems = []
    for line, row in rows:
        try:
            read(line, {column: (row[column] or "").strip() for column in columns})
        except _BadCell as bad:
            problems.append(_("Line %(line)d: %(problem)s") % {"line": line, "problem": bad})
    if problems:
        raise TimetableRefused(problems)


def _number(text: str, lowest: int, highest: int, problem: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and lowest <= int(text) <= highest):
        raise _BadCell(problem)
    return int(text)


def _time(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 — a bell rings by the school's clock
    except ValueError:
        raise _BadCell(_("Times are written as 08:20.")) from None
