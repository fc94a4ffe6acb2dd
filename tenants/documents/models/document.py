from django.db import models


class StoredDocument(models.Model):
    """A file that the school keeps, found by the SHA-256 of its bytes; the same file is kept once."""

    sha256 = models.BinaryField(primary_key=True, max_length=32, editable=False)
    media_type = models.CharField(max_length=80)
    content = models.BinaryField()
    # Who brought it first. A plain id: the file stays when the person's record goes.
    stored_by = models.UUIDField()
    stored_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return bytes(self.sha256).hex()
