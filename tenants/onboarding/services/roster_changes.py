"""What the rows were before an import wrote them, and a fingerprint of what they became: the ground of its undo."""

from tenants.onboarding.models import RosterChange, RosterImport
from tenants.onboarding.selectors.roster_rows import Images, fingerprint
from tenants.people.services.people import BATCH


def keep_changes(*, roster_import: RosterImport, before: Images, after: Images) -> int:
    """Remember what this import changed, and forget it of earlier ones: only the last can be undone."""
    RosterChange.objects.exclude(roster_import=roster_import).delete()
    changes = [
        RosterChange(
            roster_import=roster_import,
            table=table,
            row_id=row_id,
            before=before[table].get(row_id),
            after_sha256=fingerprint(image),
        )
        for table, images in after.items()
        for row_id, image in images.items()
        if before[table].get(row_id) != image
    ]
    RosterChange.objects.bulk_create(changes, batch_size=BATCH)
    return len(changes)
