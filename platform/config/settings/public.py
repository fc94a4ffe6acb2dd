"""Public site: no login, no session, no school; only what an unguessable token opens."""

from config import observability
from config.environment import hex_key, host_of, required
from config.settings.base import *
from config.settings.base import SENTRY_DSN, database, secured

INSTALLED_APPS = ["opt_in", "opt_in.public", "portal", "django.contrib.staticfiles"]
DATABASES = database(login="app_public", search_path="pg_catalog")

PUBLIC_URL = required("ZGODA_PUBLIC_URL")
ALLOWED_HOSTS = [host_of(PUBLIC_URL), "127.0.0.1"]

# What a provider of text messages calls, and the key that seals it for the dispatcher. It opens nothing.
SMS_CALLBACK_SECRET = required("ZGODA_SMS_CALLBACK_SECRET")
EVENT_SEALING_KEY = hex_key("ZGODA_EVENT_SEALING_KEY", length=32)

ROOT_URLCONF = "config.urls_public"
WSGI_APPLICATION = "config.wsgi.application"
MIDDLEWARE = [
    "config.observability.RequestContext",
    "portal.middleware.ContentSecurityPolicy",
    "portal.middleware.KeptByNobody",
    "django.middleware.gzip.GZipMiddleware",
    "config.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

globals().update(secured(PUBLIC_URL))

observability.configure(process="public", sentry_dsn=SENTRY_DSN)
