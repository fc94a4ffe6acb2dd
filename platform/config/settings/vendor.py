"""Vendor console: the vendor's staff, the public facts of schools, and requests put into the gate's inbox."""

from config import observability
from config.environment import host_of, optional, required, switched_on
from config.settings.base import *
from config.settings.base import CODE_ONLY_APPS, CONTEXT_PROCESSORS, SENTRY_DSN, database, secured
from tenants.schemas import Schema, apps_in

INSTALLED_APPS = [
    *CODE_ONLY_APPS,
    *apps_in(Schema.PUBLIC),
    *apps_in(Schema.VENDOR),
    "opt_in",
    "opt_in.console",
    # For previews: rendered by what renders the real messages.
    "notifications",
    "portal",
    "django_htmx",
    "django.contrib.staticfiles",
]

# The people of the demo's story, who act by commands.
if switched_on("ZGODA_DEMO_CAST"):
    INSTALLED_APPS = [*INSTALLED_APPS, "local.cast"]

# Its migrations are run as the owner of the content (ZGODA_DB_USER), and then only `vendor` may be in sight:
# the table django_migrations of `public` would otherwise be taken for its own.
MIGRATED_SCHEMA = Schema.VENDOR
DATABASES = database(login="app_vendor", search_path="vendor" if optional("ZGODA_DB_USER") else "vendor,public")

AUTH_USER_MODEL = "operators.Operator"
AUTHENTICATION_BACKENDS = ["tenants.operators.login.OperatorLogin"]
SESSION_ENGINE = "tenants.operators.sessions"
SESSION_COOKIE_NAME = "zgoda_vendor"
SESSION_COOKIE_AGE = 8 * 60 * 60

VENDOR_URL = required("ZGODA_VENDOR_URL")
# Stands in the links of previews.
PUBLIC_URL = required("ZGODA_PUBLIC_URL")
ALLOWED_HOSTS = [host_of(VENDOR_URL), "127.0.0.1"]

CONTEXT_PROCESSORS += [
    "django.template.context_processors.csrf",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "opt_in.console.navigation.navigation",
]

# The vendor's staff sit in one place; a school's people have their school's zone.
TIME_ZONE = optional("ZGODA_VENDOR_TIME_ZONE", "Europe/Ljubljana")
# What one part of a text message costs by country, in minor units. For estimates only.
SMS_PRICE_PER_PART = {"SI": (4, "EUR"), "PL": (9, "PLN"), "UA": (95, "UAH")}

# Forms with texts only; Django's own limit for those is 2.5 MB.
LARGEST_BODY = 3 * 1024 * 1024

ROOT_URLCONF = "config.urls_vendor"
WSGI_APPLICATION = "config.wsgi.application"
MIDDLEWARE = [
    "config.observability.RequestContext",
    "portal.middleware.ContentSecurityPolicy",
    "portal.middleware.KeptByNobody",
    "django.middleware.gzip.GZipMiddleware",
    "config.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.LanguageOfReader",
    "portal.middleware.BodyWithinBounds",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

globals().update(secured(VENDOR_URL))

observability.configure(process="vendor", sentry_dsn=SENTRY_DSN)
