from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class Country(models.TextChoices):
    SLOVENIA = "SI", _("Slovenia")
    POLAND = "PL", _("Poland")
    UKRAINE = "UA", _("Ukraine")


class Kind(models.TextChoices):
    PRIMARY = "primary", _("Primary school")
    SECONDARY = "secondary", _("Secondary school")
    PRESCHOOL = "preschool", _("Preschool")


class Stage(models.TextChoices):
    ONBOARDING = "onboarding", _("Onboarding")
    LIVE = "live", _("Live")
    SUSPENDED = "suspended", _("Suspended")
    CLOSING = "closing", _("Closing")
    CLOSED = "closed", _("Closed")


class School(models.Model):
    """A tenant. Everything else about a school lies in its own schema, which its own role alone can read."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    schema_name = models.CharField(max_length=63, unique=True, editable=False)
    names = models.JSONField()
    subdomain = models.CharField(max_length=63)
    kind = models.CharField(max_length=16, choices=Kind)
    country = models.CharField(max_length=2, choices=Country)
    languages = ArrayField(models.CharField(max_length=8))
    time_zone = models.CharField(max_length=64)
    # A copy for pages and logins; the gate's own register decides (schema consent).
    stage = models.CharField(max_length=16, choices=Stage, default=Stage.ONBOARDING)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("subdomain"), name="school_subdomain_once"),
            models.CheckConstraint(
                condition=models.Q(schema_name__regex=r"^school_[0-9a-f]{32}$"), name="school_schema_name_of_uuid"
            ),
            models.CheckConstraint(
                condition=models.Q(subdomain__regex=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"), name="school_subdomain_dns"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def name(self) -> str:
        """In the reader's language where the school has one, otherwise in the school's first."""
        names: dict[str, str] = self.names
        return names.get(get_language() or "") or names[self.languages[0]]

    @property
    def role_name(self) -> str:
        """The school's role in PostgreSQL is called like its schema."""
        return self.schema_name


def schema_name_of(school_id: object) -> str:
    """`school_<32 hexadecimal digits>`: roles are cluster-wide, hence the uuid."""
    return f"school_{str(school_id).replace('-', '')}"
