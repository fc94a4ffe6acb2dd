from django.db import models

from tenants.sessions import OwnedSession


class OperatorSession(OwnedSession):
    """Sessions of the vendor console, in the vendor's schema: a table of their own, known to no school."""

    operator_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["operator_id"], name="operator_session_of")]
