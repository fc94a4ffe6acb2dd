"""CSV bytes → rows with line numbers. RFC 4180, UTF-8 with or without a byte order mark, comma, header line."""

import csv
import io
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _

from tenants.onboarding.roster.layout import METADATA_PREFIX, FileLayout
from tenants.onboarding.roster.problems import Problems, shorten

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# A school of 5,000 pupils with 20 classes each has 100,000 enrolments. Ten million lines of one letter are a file of
# 20 MB, and two gigabytes in the memory of a worker that all schools share.
MOST_LINES = 150_000


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file. `values` holds every column of the layout, "" where it is empty or left out."""

    line: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    @property
    def sourced_id(self) -> str:
        return self.values["sourcedId"]

    @property
    def is_to_be_deleted(self) -> bool:
        return self.values["status"] == "tobedeleted"

    def ids(self, column: str) -> tuple[str, ...]:
        """A list column: ids separated by commas inside one quoted field."""
        return tuple(part for part in (part.strip() for part in self.values[column].split(",")) if part)


def decode(file: str, content: bytes, problems: Problems) -> str | None:
    advice = _("Save it as “CSV UTF-8” or export it again with UTF-8 chosen.")
    if content.startswith(_UTF_16):
        problems.add(file, 1, None, _("The file is in UTF-16, not in UTF-8."), advice)
        return None
    try:
        # One spelling of each letter: some systems write "č" as a "c" and a sign, and nobody could be searched for.
        text = unicodedata.normalize("NFC", content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.add(
            file,
            line,
            _field_at(content, error.start),
            _(
                "The file is not in UTF-8 (byte 0x%(byte)02X); it looks like an older encoding such as windows-1250 or"
                " windows-1251."
            )
            % {"byte": content[error.start]},
            advice,
        )
        return None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        problems.add(file, line, None, _("The file holds a NUL character."), _("It is damaged: export it again."))
        return None
    return text


def _field_at(content: bytes, position: int) -> str | None:
    """The column in which an undecodable byte stands, as far as the header and the quotes let us know it."""
    header = content.split(b"\n", 1)[0].decode("latin-1").strip("\r").removeprefix("ï»¿").split(",")
    start = content.rfind(b"\n", 0, position) + 1
    if start == 0:
        return None
    try:
        before = next(csv.reader([content[start:position].decode("latin-1")]))
    except (csv.Error, StopIteration):
        return None
    return header[len(before) - 1] if 0 < len(before) <= len(header) else None


def parse(file: str, content: bytes, problems: Problems) -> tuple[list[str], list[tuple[int, list[str]]]] | None:
    """The header and the filled lines, each with the number of the line where it begins; None when unreadable."""
    text = decode(file, content, problems)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((begins, [cell.strip() for cell in cells]))
            if len(lines) > MOST_LINES + 1:
                problems.add(
                    file,
                    None,
                    None,
                    _("The file has more than %(limit)d lines.") % {"limit": MOST_LINES},
                    _("A roster of one school is far smaller: export one school only."),
                )
                return None
            begins = reader.line_num + 1
    except csv.Error:
        problems.add(
            file,
            begins,
            None,
            _("The line cannot be read as CSV: a quotation mark is not closed or stands in the middle of a field."),
            _("Put the field into quotation marks and double those inside it."),
        )
        return None
    if not lines:
        problems.add(file, None, None, _("The file is empty."), _("It needs at least its header line."))
        return None
    return lines[0][1], lines[1:]


def read_table(layout: FileLayout, content: bytes, problems: Problems) -> list[Row] | None:
    """The rows of one file under its layout; None when the file or its header cannot be used."""
    parsed = parse(layout.file, content, problems)
    if parsed is None:
        return None
    header, lines = parsed
    if not _header_fits(layout, header, problems):
        return None
    rows: list[Row] = []
    absent = {column.name: "" for column in layout.columns}
    for line, cells in lines:
        if len(cells) != len(header):
            problems.add(
                layout.file,
                line,
                None,
                _("The line has %(found)d fields, the header has %(wanted)d.")
                % {"found": len(cells), "wanted": len(header)},
                _("Put fields that contain a comma into quotation marks."),
            )
        else:
            rows.append(Row(line, absent | dict(zip(header, cells, strict=True))))
    return rows


def _header_fits(layout: FileLayout, header: list[str], problems: Problems) -> bool:
    before = problems.total
    if len(header) == 1 and any(sign in header[0] for sign in ";\t|"):
        problems.add(
            layout.file,
            1,
            None,
            _("The columns are not separated by commas."),
            _("Export the file with a comma as separator."),
        )
        return False
    known = {column.name for column in layout.columns}
    unknown = [name for name in header if name not in known and not name.startswith(METADATA_PREFIX)]
    missing = [column.name for column in layout.columns if column.required and column.name not in header]
    for name in missing:
        problems.add(
            layout.file,
            1,
            name,
            _("The column is missing."),
            _("Add it to the header; OneRoster writes names exactly so, with capitals."),
        )
    for name in unknown:
        near = get_close_matches(name, known - set(header), n=1) or get_close_matches(name, known, n=1)
        problems.add(
            layout.file,
            1,
            shorten(name) or None,
            _("OneRoster has no such column in this file."),
            _("Did you mean “%(near)s”?") % {"near": near[0]}
            if near
            else _("Remove it, or let its name begin with “metadata.”."),
        )
    for name in sorted({name for name in header if header.count(name) > 1}):
        problems.add(layout.file, 1, shorten(name), _("The column stands twice in the header."), _("Keep one of them."))
    return problems.total == before
