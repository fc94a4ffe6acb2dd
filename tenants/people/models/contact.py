from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from tenants.people.models.user import User


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")


class Provenance(models.TextChoices):
    ROSTER = "roster", _("From the school's roster")
    SELF = "self", _("Entered by the person")
    DIRECTOR = "director", _("Entered by the director")


class ContactPoint(models.Model):
    """The only place where an address lives: sealed with a key the database does not have, found by a keyed hash.

    One per person and channel. The id is also the gate's contact; the version counts the addresses it has held, and a
    grant names the version it was given for.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="contacts", db_index=False)
    channel = models.CharField(max_length=8, choices=Channel)
    sealed = models.BinaryField()
    address_hash = models.BinaryField(max_length=32)
    version = models.PositiveIntegerField(default=1)
    verified_at = models.DateTimeField(null=True, blank=True)
    provenance = models.CharField(max_length=16, choices=Provenance)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "channel"], name="contact_once_per_channel")]
        indexes = [models.Index(fields=["address_hash"], name="contact_by_address")]

    def __str__(self) -> str:
        return f"{self.id} v{self.version}"
