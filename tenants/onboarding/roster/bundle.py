"""A bundle whose every field, identifier and reference has been judged. What it means for the school is plan.py's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from tenants.onboarding.roster.archive import Upload, read_archive
from tenants.onboarding.roster.fields import check_row
from tenants.onboarding.roster.layout import LAYOUTS, FileLayout, Kind, Mode, Version
from tenants.onboarding.roster.manifest import Manifest, read_manifest
from tenants.onboarding.roster.problems import Problems, shorten
from tenants.onboarding.roster.tables import Row, read_table

Step = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Bundle:
    manifest: Manifest
    rows: Mapping[str, tuple[Row, ...]]
    notices: list[str] = field(default_factory=list)

    @property
    def version(self) -> Version:
        return self.manifest.version

    def mode(self, name: str) -> Mode:
        return self.manifest.mode(name)

    def active(self, name: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows.get(name, ()) if not row.is_to_be_deleted)

    def deleted_ids(self, name: str) -> frozenset[str]:
        return frozenset(row.sourced_id for row in self.rows.get(name, ()) if row.is_to_be_deleted)


def read_bundle(
    source: Path | Upload, *, country: str, known: Mapping[str, frozenset[str]], step: Step = lambda stage, size: None
) -> Bundle:
    """Read and judge a bundle. `country` (ISO 3166) reads phone numbers without a country code; `known` holds the
    sourcedIds the school already has, by file, for references out of a delta. Raises RosterRefused with all problems.
    """
    files = read_archive(source)
    problems = Problems()
    manifest = read_manifest(files, problems)
    rows: dict[str, tuple[Row, ...]] = {}
    broken: set[str] = set()
    for layout in LAYOUTS[manifest.version]:
        mode = manifest.mode(layout.name)
        if mode is Mode.ABSENT:
            continue
        table = read_table(layout, files[layout.file], problems)
        if table is None:
            broken.add(layout.name)
            continue
        step(layout.file, len(table))
        rows[layout.name] = tuple(check_row(layout, row, mode, manifest.version, country, problems) for row in table)
        _find_duplicates(layout, rows[layout.name], problems)
    bundle = Bundle(manifest, rows, list(manifest.notices))
    for layout in LAYOUTS[manifest.version]:
        _find_unknown_references(layout, bundle, known, broken, problems)
    problems.stop_if_any()
    _notice_passwords(bundle)
    return bundle


def _find_duplicates(layout: FileLayout, rows: tuple[Row, ...], problems: Problems) -> None:
    first: dict[str, int] = {}
    for row in rows:
        if not row.sourced_id:
            continue
        line = first.setdefault(row.sourced_id, row.line)
        if line != row.line:
            problems.add(
                layout.file,
                row.line,
                "sourcedId",
                _("“%(id)s” already stands in line %(line)d.") % {"id": shorten(row.sourced_id), "line": line},
                _("Each record needs an identifier of its own: remove the copy or give it a new one."),
            )


def _find_unknown_references(
    layout: FileLayout, bundle: Bundle, known: Mapping[str, frozenset[str]], broken: set[str], problems: Problems
) -> None:
    columns = [column for column in layout.columns if column.refers_to is not None]
    reachable = {
        column.name: _reachable(column.refers_to or "", bundle, known)
        for column in columns
        if column.refers_to not in broken
    }
    for row in bundle.active(layout.name):
        for column in columns:
            if column.name not in reachable:
                continue
            ids = row.ids(column.name) if column.kind is Kind.IDS else filter(None, (row[column.name],))
            for sourced_id in ids:
                if sourced_id not in reachable[column.name]:
                    problems.add(
                        layout.file,
                        row.line,
                        column.name,
                        _("“%(id)s” is not an active record of %(file)s.")
                        % {"id": shorten(sourced_id), "file": f"{column.refers_to}.csv"},
                        _("Correct the identifier, or send the record that it names."),
                    )


def _reachable(name: str, bundle: Bundle, known: Mapping[str, frozenset[str]]) -> set[str]:
    """The sourcedIds that a reference may name. A bulk file is the whole truth, so what it leaves out is ended."""
    named = {row.sourced_id for row in bundle.active(name)}
    if bundle.mode(name) is Mode.BULK:
        return named
    return (named | known.get(name, frozenset())) - bundle.deleted_ids(name)


def _notice_passwords(bundle: Bundle) -> None:
    for name in ("users", "userProfiles"):
        if any(row["password"] for row in bundle.rows.get(name, ())):
            bundle.notices.append(_("%(file)s holds passwords; they are not used.") % {"file": f"{name}.csv"})
