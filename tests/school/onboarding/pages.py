"""What the tests of the roster's pages do: upload, read, ask, look."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tenants.onboarding.models import RosterImport
from tests.school.visitors import Visitor

Capture = Callable[..., Any]


def upload(visitor: Visitor, path: Path, **more: Any) -> RosterImport:
    return upload_bytes(visitor, path.name, path.read_bytes(), **more)


def upload_bytes(visitor: Visitor, name: str, content: bytes, **more: Any) -> RosterImport:
    answer = visitor.post(reverse("roster"), {"file": SimpleUploadedFile(name, content)}, **more)
    found = RosterImport.objects.order_by("-pk")[0]
    assert answer.headers["Location"] == reverse("roster-import", args=[found.pk])
    return found


def page_of(visitor: Visitor, found: RosterImport, **query: str) -> str:
    answer = visitor.get(reverse("roster-import", args=[found.pk]), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def ask(visitor: Visitor, name: str, found: RosterImport, **data: str) -> RosterImport:
    answer = visitor.post(reverse(name, args=[found.pk]), data)
    assert answer.status_code == 302
    found.refresh_from_db()
    return found


def read(visitor: Visitor, worker: Capture, path: Path) -> RosterImport:
    with worker():
        found = upload(visitor, path)
    found.refresh_from_db()
    return found
