"""What an archive may not be. Each refusal names the entry; nothing is ever unpacked to disk."""

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from tenants.onboarding.roster import archive
from tenants.onboarding.roster.archive import read_archive
from tenants.onboarding.roster.problems import RosterRefused
from tests.school.onboarding.bundles import OS_REKA, files_of, pack


def refusal_of(path: Path) -> str:
    with pytest.raises(RosterRefused) as refused:
        read_archive(path)
    return str(refused.value)


def test_a_bundle_is_read_as_it_is() -> None:
    assert read_archive(OS_REKA.path) == files_of(OS_REKA.path)


@pytest.mark.parametrize(
    "name",
    ["../users.csv", "/etc/users.csv", "os-reka/users.csv", "..\\users.csv", "C:users.csv", "os-reka/", ".."],
)
def test_a_path_in_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    path = pack(tmp_path / "tricky.zip", {"manifest.csv": b"", name: b"x"})

    assert "Zip the CSV files themselves" in refusal_of(path)
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["tricky.zip"]


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("users.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as bundle:
        bundle.writestr(link, "/etc/passwd")

    assert "users.csv: This entry is a link" in refusal_of(tmp_path / "link.zip")


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "secret.zip", {"users.csv": b"sourcedId\n"})
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(signature) + offset
        struct.pack_into("<H", content, at, struct.unpack_from("<H", content, at)[0] | 0x1)
    path.write_bytes(content)

    assert "users.csv: The file is encrypted." in refusal_of(path)


def test_the_same_file_twice_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as bundle:
        bundle.writestr("users.csv", "a")
        bundle.writestr("USERS.csv", "b")

    assert "USERS.csv: The archive holds this file twice." in refusal_of(tmp_path / "twice.zip")


def test_a_file_that_unpacks_to_a_thousandfold_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "bomb.zip", {"users.csv": b"0" * (2 * archive.MIB)})

    assert path.stat().st_size < 10_000
    assert "users.csv: The file unpacks to more than 100 times its size." in refusal_of(path)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pack(tmp_path / "large.zip", {"users.csv": b"0" * 2_000})
    monkeypatch.setattr(archive, "MAX_FILE_BYTES", 1_000)

    assert "users.csv: Unpacked, the file would take more than" in refusal_of(path)


def test_files_that_are_too_large_together_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pack(tmp_path / "sum.zip", {f"{name}.csv": b"0" * 600 for name in ("users", "orgs")})
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 1_000)

    assert "sum.zip: Unpacked, the archive would take more than" in refusal_of(path)


def test_an_archive_of_many_entries_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "many.zip", {f"{number}.csv": b"" for number in range(65)})

    assert "has 65 entries; a OneRoster bundle has at most 64" in refusal_of(path)


def test_an_entry_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "liar.zip", {"users.csv": b"0123456789" * 100})
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", content, content.index(signature) + offset, 10)
    path.write_bytes(content)

    assert "users.csv: The file in the archive is damaged." in refusal_of(path)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(OS_REKA.path.read_bytes()[:1_000])

    assert "cut.zip: This is not a readable ZIP archive." in refusal_of(cut)
    assert "no.zip: There is no such file." in refusal_of(tmp_path / "no.zip")
    assert "There is no such file." in refusal_of(tmp_path)


def test_a_directory_of_hundreds_of_thousands_is_refused_unopened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening it would make an object for each: 150 MB out of 19."""
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 400_000 * len(entry), 0, 0)
    (tmp_path / "crowded.zip").write_bytes(entry * 400_000 + end)
    monkeypatch.setattr(zipfile, "ZipFile", None)

    assert "The archive has 400000 entries" in refusal_of(tmp_path / "crowded.zip")
