"""What people, and others, upload instead of a roster: a sentence, never an error of ours."""

import io
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tenants.onboarding.models import ImportState, RosterImport
from tenants.onboarding.views.roster_import import _harmless
from tests.school.onboarding.bundles import OS_LIPA, files_of
from tests.school.onboarding.pages import Capture, page_of, upload_bytes
from tests.school.visitors import Visitor


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


REFUSED_AT_ONCE: dict[str, tuple[Callable[[], bytes], str]] = {
    "roster.pdf": (lambda: b"%PDF-1.7 ...", "This is a PDF document."),
    "roster.xlsx": (lambda: zipped(**{"[Content_Types].xml": b"<x/>"}), "This is an Excel or Word file."),
    "roster.csv": (lambda: "ime;priimek\r\nŽana;Čuk".encode("cp1250"), "This is not a ZIP file."),
    "roster.zip": (lambda: b"PK\x03\x04" + b"\0" * 40, "This is not a ZIP file."),
    "large.zip": (lambda: b"PK\x03\x04" + b"\0" * (25 * 1024 * 1024), "The file is larger than 20 MB."),
    "empty.zip": (lambda: b"", "The file is empty."),
    f"{'x' * 230}.zip": (lambda: zipped(a=b"1"), "The file&#x27;s name is too long."),
}


@pytest.mark.parametrize("name", REFUSED_AT_ONCE)
def test_what_is_no_bundle_is_refused_beside_the_field(visitor: Visitor, name: str) -> None:
    content, said = REFUSED_AT_ONCE[name]

    answer = visitor.post(reverse("roster"), {"file": SimpleUploadedFile(name, content())})

    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not RosterImport.objects.exists()


def test_no_file_at_all_is_said_too(visitor: Visitor) -> None:
    assert "Choose the ZIP file first." in visitor.post(reverse("roster")).content.decode()


REFUSED_BY_THE_JOB: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb": (lambda: zipped(**{"users.csv": b"a" * 30 * 1024 * 1024}), "unpacks to more than 100 times"),
    "path": (lambda: zipped(**{"../../etc/cron.d/x": b"1"}), "The file is not at the top level of the archive."),
    "script": (lambda: zipped(**{"<script>alert(1)</script>.csv": b"1"}), "&lt;script&gt;"),
    "nothing inside": (lambda: zipped(), "The file is missing."),
    "another kind of archive": (lambda: zipped(readme=b"hello"), "The file is missing."),
}


@pytest.mark.parametrize("name", REFUSED_BY_THE_JOB)
def test_a_tricky_archive_becomes_a_problem_on_the_page(
    visitor: Visitor,
    worker: Capture,
    name: str,
) -> None:
    content, said = REFUSED_BY_THE_JOB[name]
    with worker():
        found = upload_bytes(visitor, "roster.zip", content())

    found.refresh_from_db()
    page = page_of(visitor, found)
    assert found.state == ImportState.REFUSED
    assert said in page
    assert "<script>alert" not in page


def test_a_name_that_draws_or_climbs_is_only_shown(visitor: Visitor, worker: Capture) -> None:
    with worker():
        found = upload_bytes(visitor, "../<b>šola</b>\x1b[31m.zip", OS_LIPA.path.read_bytes())

    found.refresh_from_db()
    assert found.state == ImportState.READY
    assert "<b>" not in page_of(visitor, found)


def test_a_broken_roster_of_a_school_names_every_row(visitor: Visitor, worker: Capture) -> None:
    files = files_of(OS_LIPA.path)
    files["users.csv"] = files["users.csv"].decode().encode("cp1250", errors="replace")
    with worker():
        found = upload_bytes(visitor, "roster.zip", zipped(**files))

    page = page_of(visitor, found)
    assert "The file is not in UTF-8" in page
    assert "windows-1250" in page


@pytest.mark.parametrize(
    "value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\uff1d1+1", "\u00a0=1+1"]
)
def test_no_value_of_a_strangers_file_begins_a_formula(value: str) -> None:
    assert _harmless(value) == f"'{value}"


@pytest.mark.parametrize("value", ["", "Žana", "1.a", "2026-09-01", "a=b"])
def test_other_values_stay_as_they_are(value: str) -> None:
    assert _harmless(value) == value
