"""Opens a ZIP that a stranger may have made. Nothing is ever written to disk, so no path in it can do harm; odd paths
are refused all the same, because they show that the file is not what it says it is."""

import io
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from tenants.onboarding.roster.problems import Problems, shorten

MIB = 1024 * 1024
MAX_ARCHIVE_BYTES = 32 * MIB
MAX_ENTRIES = 64
# A school of 5,000 pupils with 15 classes each has an enrollments.csv of about 13 MiB.
MAX_FILE_BYTES = 32 * MIB
MAX_TOTAL_BYTES = 64 * MIB
# Real rosters shrink to a quarter, very uniform ones to a thirtieth; deflate itself cannot beat 1 : 1,032.
MAX_RATIO = 100
RATIO_MATTERS_FROM = 1 * MIB
# Opening an archive makes an object for each entry, and a directory of 20 MB lists 400,000. So they are counted before,
# by their mark in the bytes; data that looks like one by chance is one mark in four gigabytes.
_MARK_OF_ENTRY = b"PK\x01\x02"
_MOST_MARKS = 1_000
READABLE_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


@dataclass(frozen=True, slots=True)
class Upload:
    """An archive in memory. What people upload holds addresses: it is kept sealed and only opened here."""

    name: str
    content: bytes


def read_archive(source: Path | Upload) -> dict[str, bytes]:
    """The files of the bundle by name. Raises RosterRefused when the archive is broken, too large or tricky."""
    problems = Problems()
    if isinstance(source, Path) and not source.is_file():
        problems.add(source.name, None, None, _("There is no such file."), _("Check the name and the folder."))
    elif _size_of(source) > MAX_ARCHIVE_BYTES:
        problems.add(
            source.name,
            None,
            None,
            _("The archive is larger than %(limit)d MiB.") % {"limit": MAX_ARCHIVE_BYTES // MIB},
            _("A roster of one school is far smaller: export one school, without attachments."),
        )
    problems.stop_if_any()
    content = source.read_bytes() if isinstance(source, Path) else source.content
    if lists_too_many(content):
        _add_too_many(problems, source.name, content.count(_MARK_OF_ENTRY))
        problems.stop_if_any()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _judge_entries(archive, source.name, problems)
            problems.stop_if_any()
            return _read_entries(archive, problems)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError, OSError):
        problems.add(
            source.name,
            None,
            None,
            _("This is not a readable ZIP archive."),
            _("Export the bundle again, or download it once more: it may have been cut off on the way."),
        )
        problems.stop_if_any()
        raise


def lists_too_many(content: bytes) -> bool:
    """Whether an archive lists so many entries that it is not even opened."""
    return content.count(_MARK_OF_ENTRY) > _MOST_MARKS


def _add_too_many(problems: Problems, name: str, count: int) -> None:
    problems.add(
        name,
        None,
        None,
        _("The archive has %(count)d entries; a OneRoster bundle has at most %(limit)d.")
        % {"count": count, "limit": MAX_ENTRIES},
        _("Put only the CSV files of the bundle into the archive."),
    )


def _size_of(source: Path | Upload) -> int:
    return source.stat().st_size if isinstance(source, Path) else len(source.content)


def _judge_entries(archive: zipfile.ZipFile, name: str, problems: Problems) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        _add_too_many(problems, name, len(entries))
        return
    total = sum(entry.file_size for entry in entries)
    if total > MAX_TOTAL_BYTES:
        problems.add(
            name,
            None,
            None,
            _("Unpacked, the archive would take more than %(limit)d MiB.") % {"limit": MAX_TOTAL_BYTES // MIB},
            _("A roster of one school is far smaller: export one school, without attachments."),
        )
    seen: set[str] = set()
    for entry in entries:
        shown = shorten(entry.orig_filename)
        reason = _refusal(entry)
        if reason is not None:
            problems.add(shown, None, None, *reason)
        elif entry.filename.casefold() in seen:
            problems.add(
                shown,
                None,
                None,
                _("The archive holds this file twice."),
                _("Keep one of them: nobody can know which one is meant."),
            )
        seen.add(entry.filename.casefold())


def _refusal(entry: zipfile.ZipInfo) -> tuple[str, str] | None:
    name = entry.orig_filename
    if entry.flag_bits & 0x1:
        return _("The file is encrypted."), _("Make the archive without a password; the upload itself is protected.")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return _("This entry is a link or a device, not a file."), _("Put the file itself into the archive.")
    if any(sign in name for sign in "/\\:\0") or name in ("", ".", "..") or entry.is_dir():
        return (
            _("The file is not at the top level of the archive."),
            _("Zip the CSV files themselves, not the folder that holds them."),
        )
    if entry.compress_type not in READABLE_METHODS:
        return _("The file is packed by an unusual method."), _("Make an ordinary ZIP archive (method deflate).")
    if entry.file_size > MAX_FILE_BYTES:
        return (
            _("Unpacked, the file would take more than %(limit)d MiB.") % {"limit": MAX_FILE_BYTES // MIB},
            _("A roster of one school is far smaller: export one school only."),
        )
    if entry.file_size > RATIO_MATTERS_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        return (
            _("The file unpacks to more than %(limit)d times its size.") % {"limit": MAX_RATIO},
            _("A real roster never does: export the bundle again."),
        )
    return None


def _read_entries(archive: zipfile.ZipFile, problems: Problems) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for entry in archive.infolist():
        try:
            # Never more than the size that was judged above; a header that lies about it fails the checksum.
            content: bytes | None = archive.read(entry)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
            content = None
        if content is None or len(content) != entry.file_size:
            problems.add(
                shorten(entry.filename),
                None,
                None,
                _("The file in the archive is damaged."),
                _("Export the bundle again, or download it once more."),
            )
        else:
            files[entry.filename] = content
    problems.stop_if_any()
    return files
