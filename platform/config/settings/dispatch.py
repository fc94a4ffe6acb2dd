"""Dispatcher: claims, renders, sends, completes. The only process that both opens addresses and sends."""

from django.core.exceptions import ImproperlyConfigured

from config import observability
from config.environment import listed, optional, required
from config.settings.base import *
from config.settings.base import SENTRY_DSN, database

INSTALLED_APPS = ["opt_in", "notifications"]
DATABASES = database(login="app_dispatch", search_path="pg_catalog")

CONTACT_KEYS = listed("ZGODA_CONTACT_KEYS")
PUBLIC_URL = required("ZGODA_PUBLIC_URL")
SCHOOL_URL_PATTERN = optional("ZGODA_SCHOOL_URL_PATTERN")

EMAIL_BACKEND = "notifications.channels.smtp.SmtpBackend"
EMAIL_HOST = required("ZGODA_SMTP_HOST")
EMAIL_PORT = int(required("ZGODA_SMTP_PORT"))
EMAIL_TIMEOUT = 10

_pace = optional("ZGODA_DISPATCH_PACE")
try:
    DISPATCH_PACE = float(_pace) if _pace else None
except ValueError as error:
    raise ImproperlyConfigured("ZGODA_DISPATCH_PACE must be a number of messages per second.") from error

observability.configure(process="dispatch", sentry_dsn=SENTRY_DSN)
