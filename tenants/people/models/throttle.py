from django.db import models

from tenants.throttle import Throttle


class LoginThrottle(Throttle):
    """How often a login failed lately, by a keyed hash of what was typed: kept alike for all names, known or not."""

    class Meta:
        indexes = [models.Index(fields=["last_failed_at"], name="throttle_by_age")]
