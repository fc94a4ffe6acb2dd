from django.db import models

from tenants.sessions import OwnedSession


class SchoolSession(OwnedSession):
    """Sessions of one school, in that school's schema: worth nothing in another."""

    user_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user_id"], name="session_of_user")]
