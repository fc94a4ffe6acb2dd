"""manifest.csv says what the other files are: which version, and for each file bulk, delta or absent."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenants.onboarding.roster.layout import LAYOUTS, UNREAD_FILES, Mode, Version
from tenants.onboarding.roster.problems import Problems, shorten
from tenants.onboarding.roster.tables import parse

FILE = "manifest.csv"
_VERSIONS = {"1.1": Version.V1_1, "1.2": Version.V1_2, "1.2.1": Version.V1_2}


@dataclass(frozen=True, slots=True)
class Manifest:
    version: Version
    modes: dict[str, Mode]
    source: str
    notices: tuple[str, ...] = ()

    def mode(self, name: str) -> Mode:
        return self.modes.get(name, Mode.ABSENT)


def read_manifest(files: Mapping[str, bytes], problems: Problems) -> Manifest:
    """Raises RosterRefused when the manifest does not describe the files that are there."""
    if FILE not in files:
        problems.add(
            FILE,
            None,
            None,
            _("The file is missing."),
            _("A OneRoster bundle has it at the top level of the archive: export the bundle as a whole."),
        )
        problems.stop_if_any()
    properties = _read_properties(files[FILE], problems)
    problems.stop_if_any()
    version = _read_version(properties, problems)
    problems.stop_if_any()
    modes = _read_modes(properties, version, problems)
    read = {layout.name for layout in LAYOUTS[version]}
    known = read | UNREAD_FILES[version]
    notices: list[str] = []
    for name, mode in modes.items():
        line = properties[f"file.{name}"][1]
        if mode is Mode.ABSENT and f"{name}.csv" in files:
            problems.add(
                FILE,
                line,
                f"file.{name}",
                _("The manifest calls the file absent, but it is in the archive."),
                _("Write bulk or delta, or take %(file)s out of the archive.") % {"file": f"{name}.csv"},
            )
        elif mode is not Mode.ABSENT and f"{name}.csv" not in files:
            problems.add(
                f"{name}.csv",
                None,
                None,
                _("The file is missing; line %(line)d of manifest.csv (file.%(name)s) announces it as %(mode)s.")
                % {"line": line, "name": name, "mode": mode},
                _("Add the file to the archive, or write absent in the manifest."),
            )
        elif mode is not Mode.ABSENT and name not in read:
            notices.append(_("%(file)s is not used here.") % {"file": f"{name}.csv"})
    for file in sorted(files):
        name = file.removesuffix(".csv")
        if file == FILE or name in modes:
            continue
        if name in known and file.endswith(".csv"):
            problems.add(
                FILE,
                None,
                f"file.{name}",
                _("The archive holds %(file)s, but the manifest does not name it.") % {"file": file},
                _("Add the line file.%(name)s with bulk or delta.") % {"name": name},
            )
        else:
            notices.append(_("%(file)s is not part of OneRoster and was not read.") % {"file": shorten(file)})
    if not any(modes.get(name, Mode.ABSENT) is not Mode.ABSENT for name in read):
        problems.add(
            FILE, None, None, _("The bundle announces no file that could be imported."), _("Export users and classes.")
        )
    problems.stop_if_any()
    source = properties.get("source.systemName", ("", 0))[0]
    return Manifest(version, modes, shorten(source), tuple(notices))


def _read_properties(content: bytes, problems: Problems) -> dict[str, tuple[str, int]]:
    parsed = parse(FILE, content, problems)
    if parsed is None:
        return {}
    header, lines = parsed
    if header != ["propertyName", "value"]:
        problems.add(
            FILE,
            1,
            "propertyName",
            _("The header is not “propertyName,value”."),
            _("Write exactly these two columns, separated by a comma."),
        )
        return {}
    properties: dict[str, tuple[str, int]] = {}
    for line, cells in lines:
        if len(cells) != 2:
            problems.add(
                FILE, line, None, _("The line does not have two fields."), _("Write a property and its value.")
            )
        elif cells[0] in properties:
            problems.add(FILE, line, shorten(cells[0]), _("The property stands twice."), _("Keep one of the lines."))
        else:
            properties[cells[0]] = (cells[1], line)
    return properties


def _read_version(properties: Mapping[str, tuple[str, int]], problems: Problems) -> Version:
    value, line = properties.get("manifest.version", ("", 0))
    if value != "1.0":
        problems.add(
            FILE,
            line or None,
            "manifest.version",
            _("The manifest's version is not 1.0."),
            _("OneRoster knows only 1.0."),
        )
    value, line = properties.get("oneroster.version", ("", 0))
    if value not in _VERSIONS:
        problems.add(
            FILE,
            line or None,
            "oneroster.version",
            _("The version is “%(version)s”; 1.1 and 1.2 can be read.") % {"version": shorten(value)},
            _("Choose OneRoster 1.1 or 1.2 (CSV) when you export."),
        )
    return _VERSIONS.get(value, Version.V1_2)


def _read_modes(properties: Mapping[str, tuple[str, int]], version: Version, problems: Problems) -> dict[str, Mode]:
    known = {layout.name for layout in LAYOUTS[version]} | UNREAD_FILES[version]
    modes: dict[str, Mode] = {}
    for name, (value, line) in properties.items():
        if not name.startswith("file."):
            continue
        if value not in set(Mode):
            problems.add(
                FILE,
                line,
                shorten(name),
                _("“%(value)s” is not a way to send a file.") % {"value": shorten(value)},
                _("Write bulk, delta or absent."),
            )
        elif name.removeprefix("file.") in known:
            modes[name.removeprefix("file.")] = Mode(value)
        elif value != Mode.ABSENT:
            problems.add(
                FILE,
                line,
                shorten(name),
                _("OneRoster %(version)s has no such file.") % {"version": version},
                _("Remove the line, or correct the version of the bundle."),
            )
    return modes
