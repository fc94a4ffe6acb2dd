from django.db import models

from tenants.throttle import Throttle


class OperatorThrottle(Throttle):
    """How often a login failed lately, by a keyed hash of what was typed: alike for names that exist and others."""

    class Meta:
        indexes = [models.Index(fields=["last_failed_at"], name="operator_throttle_by_age")]
