"""Keeps a file by its hash. The bytes are what counts; a second copy changes nothing."""

import hashlib

from django.db import transaction

from tenants.documents.models import StoredDocument
from tenants.people.models import User

LARGEST_BYTES = 20 * 1024 * 1024


class DocumentTooLarge(ValueError):
    """More than 20 MiB."""


@transaction.atomic
def keep_document(*, content: bytes, media_type: str, stored_by: User) -> bytes:
    """Keep these bytes; returns their SHA-256 (32 bytes)."""
    if len(content) > LARGEST_BYTES:
        raise DocumentTooLarge
    digest = hashlib.sha256(content).digest()
    document = StoredDocument(sha256=digest, media_type=media_type, content=content, stored_by=stored_by.id)
    StoredDocument.objects.bulk_create([document], ignore_conflicts=True)
    return digest
