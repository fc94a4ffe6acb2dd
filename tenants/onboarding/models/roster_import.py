from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class ImportState(models.TextChoices):
    READING = "reading", _("Being read")
    REFUSED = "refused", _("Has problems")
    READY = "ready", _("Waits for your yes")
    APPLYING = "applying", _("Being applied")
    APPLIED = "applied", _("Applied")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")
    DISCARDED = "discarded", _("Put aside")


class Hitch(models.TextChoices):
    """Why the last job did not do what was asked of it."""

    NONE = "", ""
    FAILED = "failed", _("Something went wrong on our side.")
    STALE = "stale", _("The school has changed since the preview.")
    BUILT_UPON = "built_upon", _("Something builds on this import.")


# What a worker is doing now.
WORKING = (ImportState.READING, ImportState.APPLYING, ImportState.UNDOING)
# What waits for a person.
WAITING = (ImportState.REFUSED, ImportState.READY)


class RosterImport(models.Model):
    """One upload of a roster, from the file to its end. Whoever changes the state holds this row's lock or the lock of
    all imports of the school (services.roster_job)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(max_length=12, choices=ImportState, default=ImportState.READING)
    hitch = models.CharField(max_length=12, choices=Hitch, default=Hitch.NONE, blank=True)
    file_name = models.CharField(max_length=120)
    file_bytes = models.PositiveIntegerField()
    # Problems and notices are written in the language of whoever uploaded.
    language = models.CharField(max_length=8)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    uploaded_at = models.DateTimeField()
    # Progress of the job, and when it last moved.
    stage = models.CharField(max_length=120, blank=True)
    done = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=1)
    moved_at = models.DateTimeField()
    # {group: {"new": 1, "changed": 2, "ends": 3}}; groups are those of RosterDifference. Where many would end, besides
    # {"endings": {"pupils": [12, 30]}}: how many, of how many (roster.endings).
    counts = models.JSONField(default=dict)
    unchanged = models.PositiveIntegerField(default=0)
    notices = models.JSONField(default=list)
    problems_total = models.PositiveIntegerField(default=0)
    # What was previewed: only exactly this is applied.
    plan_sha256 = models.BinaryField(max_length=32, null=True)
    ends_many = models.BooleanField(default=False)
    may_end_many = models.BooleanField(default=False)
    # Somebody becomes a director or stops being one: a director's own decision.
    changes_directors = models.BooleanField(default=False, db_default=False)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    applied_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)


class RosterFile(models.Model):
    """The uploaded bytes, sealed because they hold addresses. Gone as soon as nothing more can come of them."""

    roster_import = models.OneToOneField(RosterImport, on_delete=models.CASCADE, primary_key=True, related_name="file")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return str(self.roster_import_id)
