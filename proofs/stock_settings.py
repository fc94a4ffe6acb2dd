"""A school's settings with django-tenants' own backend in the place of ours: only for the control that must fail."""

from config.settings.school import *  # noqa: F403
from config.settings.school import DATABASES

DATABASES["default"]["ENGINE"] = "django_tenants.postgresql_backend"
