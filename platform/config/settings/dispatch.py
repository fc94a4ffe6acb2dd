"""Dispatcher: claims, renders, sends, completes, acts on reports. The only process that opens addresses and sends."""

from django.core.exceptions import ImproperlyConfigured

from config import observability
from config.environment import hex_key, listed, one_of, optional, paired, required
from config.settings.base import *
from config.settings.base import SENTRY_DSN, database

INSTALLED_APPS = ["opt_in", "notifications"]
DATABASES = database(login="app_dispatch", search_path="pg_catalog")

CONTACT_KEYS = listed("ZGODA_CONTACT_KEYS")
# A reply to a text message brings a number, and the gate finds its contacts by this key (docs/decisions/0005).
ADDRESS_HASH_KEY = hex_key("ZGODA_ADDRESS_HASH_KEY", length=32)
EVENT_OPENING_KEY = hex_key("ZGODA_EVENT_OPENING_KEY", length=32)
PUBLIC_URL = required("ZGODA_PUBLIC_URL")
SCHOOL_URL_PATTERN = optional("ZGODA_SCHOOL_URL_PATTERN")

EMAIL_BACKEND = "notifications.channels.smtp.SmtpBackend"
EMAIL_HOST = required("ZGODA_SMTP_HOST")
EMAIL_PORT = int(required("ZGODA_SMTP_PORT"))
EMAIL_TIMEOUT = 10
# The dispatcher refuses to send in the clear to another machine (notifications/channels/email.py).
_security = one_of("ZGODA_SMTP_SECURITY", "none", "starttls", "tls")
EMAIL_USE_TLS, EMAIL_USE_SSL = _security == "starttls", _security == "tls"
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = optional("ZGODA_SMTP_USER"), optional("ZGODA_SMTP_PASSWORD")

SMS_URL = required("ZGODA_SMS_URL")
SMS_TOKEN = required("ZGODA_SMS_TOKEN")
# Under this name go the school's and the platform's text messages; the vendor's go under the vendor's.
SMS_SENDER = optional("ZGODA_SMS_SENDER", "Zgoda")
SMS_REPLY_NUMBERS = paired("ZGODA_SMS_REPLY_NUMBERS")
SMS_CALLBACK_SECRET = required("ZGODA_SMS_CALLBACK_SECRET")
SMS_TIMEOUT = 10

_pace = optional("ZGODA_DISPATCH_PACE")
try:
    DISPATCH_PACE = float(_pace) if _pace else None
except ValueError as error:
    raise ImproperlyConfigured("ZGODA_DISPATCH_PACE must be a number of messages per second.") from error

observability.configure(process="dispatch", sentry_dsn=SENTRY_DSN)
