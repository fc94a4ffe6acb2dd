"""One field of an uploaded bundle: what stands in it, and the bundle with something else there."""

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from tenants.onboarding.roster.archive import Upload, read_archive
from tenants.onboarding.roster.problems import Problem, Problems, RosterRefused
from tenants.onboarding.roster.tables import parse

# A longer value is no slip of the keyboard, and no field holds so much.
LONGEST_VALUE = 500
# What tells a person who or what a row is about.
NAMES = {
    "users.csv": ("givenName", "familyName", "identifier"),
    "classes.csv": ("title", "classCode"),
    "courses.csv": ("title", "courseCode"),
}
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Correction:
    file: str
    line: int
    field: str
    value: str


class Fields:
    """Looks into the files of a bundle; knows nothing where a file cannot be read as CSV."""

    def __init__(self, source: Upload) -> None:
        try:
            self._files = read_archive(source)
        except RosterRefused:
            self._files = {}
        self._rows: dict[str, tuple[list[str], dict[int, list[str]]]] = {}

    def value_at(self, problem: Problem) -> str | None:
        """What stands in the field that the problem names, or None where no single field is meant."""
        if not problem.line or not problem.field or problem.line == 1 or problem.file not in self._files:
            return None
        header, rows = self._read(problem.file)
        cells = rows.get(problem.line)
        if cells is None or problem.field not in header or len(cells) != len(header):
            return None
        value = cells[header.index(problem.field)]
        return value if len(value) <= LONGEST_VALUE else None

    def named_at(self, problem: Problem) -> str:
        """Who or what the row is about, as far as it says so."""
        header, rows = self._read(problem.file) if problem.line and problem.file in NAMES else ([], {})
        cells = rows.get(problem.line or 0)
        if problem.line == 1 or cells is None or len(cells) != len(header):
            return ""
        row = dict(zip(header, cells, strict=True))
        return " ".join(dict.fromkeys(row[name] for name in NAMES[problem.file] if row.get(name)))[:LONGEST_NAME]

    def _read(self, file: str) -> tuple[list[str], dict[int, list[str]]]:
        if file not in self._rows:
            parsed = parse(file, self._files[file], Problems()) if file in self._files else None
            self._rows[file] = (parsed[0], dict(parsed[1])) if parsed else ([], {})
        return self._rows[file]


def corrected(source: Upload, corrections: Iterable[Correction]) -> bytes:
    """The archive with these fields replaced; whatever does not fit it is left out. Raises RosterRefused."""
    files = read_archive(source)
    by_file: dict[str, list[Correction]] = {}
    for correction in corrections:
        by_file.setdefault(correction.file, []).append(correction)
    for file, wanted in by_file.items():
        parsed = parse(file, files[file], Problems()) if file in files else None
        if parsed is None:
            continue
        header, lines = parsed
        rows = dict(lines)
        for correction in wanted:
            cells = rows.get(correction.line)
            if cells is not None and correction.field in header and len(cells) == len(header):
                cells[header.index(correction.field)] = correction.value
        text = io.StringIO(newline="")
        csv.writer(text).writerows([header, *(cells for _line, cells in lines)])
        files[file] = text.getvalue().encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()
