from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class OperatorSession(AbstractBaseSession):
    """Sessions of the vendor console, in the vendor's schema: a table of their own, known to no school."""

    operator_id = models.UUIDField(null=True)
    # For the operator's own list of sessions; null before the login.
    began_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=80, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["operator_id"], name="operator_session_of")]
