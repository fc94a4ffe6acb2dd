from collections.abc import Iterable

from tenants.documents.models import StoredDocument


def document_with_hash(sha256: bytes) -> StoredDocument | None:
    """The school's own copy of the file with this SHA-256, if it keeps one."""
    return StoredDocument.objects.filter(pk=sha256).first()


def kept_among(hashes: Iterable[bytes]) -> set[bytes]:
    """Which of these files the school keeps, without reading them."""
    found = StoredDocument.objects.filter(pk__in=list(hashes)).values_list("pk", flat=True)
    return {bytes(sha256) for sha256 in found}
