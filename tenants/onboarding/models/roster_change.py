from django.db import models
from uuid_utils.compat import uuid7

from tenants.onboarding.models.roster_import import RosterImport


class RosterChange(models.Model):
    """One row that an applied import wrote: what it was before, and a fingerprint of what it became.

    `before` is null for a row that the import made. Addresses stand here as in their own table: sealed. Kept for the
    last applied import only.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="changes", db_index=False)
    table = models.CharField(max_length=40)
    row_id = models.UUIDField()
    before = models.JSONField(null=True)
    after_sha256 = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["roster_import", "table", "row_id"], name="roster_change_once")]

    def __str__(self) -> str:
        return f"{self.table} {self.row_id}"
