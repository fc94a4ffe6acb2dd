"""School web and school worker: one school at a time, as that school's own role."""

from config import observability
from config.environment import hex_key, host_of, listed, required, switched_on
from config.settings.base import *
from config.settings.base import CODE_ONLY_APPS, CONTEXT_PROCESSORS, SENTRY_DSN, database, secured
from tenants.schemas import Schema, apps_in

SHARED_APPS = ["django_tenants", *CODE_ONLY_APPS, *apps_in(Schema.PUBLIC)]
TENANT_APPS = apps_in(Schema.SCHOOL)
INSTALLED_APPS = [
    *SHARED_APPS,
    *TENANT_APPS,
    "tenants.provisioning",
    "opt_in",
    "notifications",
    "portal",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django.contrib.staticfiles",
]
# The people of the demo's story, who act by commands.
if switched_on("ZGODA_DEMO_CAST"):
    INSTALLED_APPS = [*INSTALLED_APPS, "local.cast"]

TENANT_MODEL = "schools.School"
TENANT_DOMAIN_MODEL = "schools.Domain"
TENANT_SYNC_ROUTER = "tenants.schemas.OneSchemaRouter"
TENANT_LIMIT_SET_CALLS = True

DATABASES = database(login="app_school", search_path=None, engine="tenants.backend")
DATABASES["default"]["SCHOOL_ROLE"] = True

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["tenants.people.login.SchoolLogin"]
SESSION_ENGINE = "tenants.people.sessions"
SESSION_COOKIE_NAME = "zgoda_school"

SCHOOL_URL_PATTERN = required("ZGODA_SCHOOL_URL_PATTERN")
PUBLIC_URL = required("ZGODA_PUBLIC_URL")
SCHOOL_HOST_PATTERN = host_of(SCHOOL_URL_PATTERN)
ALLOWED_HOSTS = [SCHOOL_HOST_PATTERN.replace("{subdomain}", ""), "localhost", "127.0.0.1"]

CONTEXT_PROCESSORS += [
    "django.template.context_processors.csrf",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "portal.navigation.navigation",
]

# A roster of 20 MB is the largest upload that is taken; somewhat more is told so beside its field.
LARGEST_BODY = 40 * 1024 * 1024

ROOT_URLCONF = "config.urls_school"
WSGI_APPLICATION = "config.wsgi.application"
MIDDLEWARE = [
    "config.observability.RequestContext",
    "portal.middleware.ContentSecurityPolicy",
    "portal.middleware.KeptByNobody",
    "django.middleware.gzip.GZipMiddleware",
    "config.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tenants.schools.middleware.SchoolOfHost",
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

CONTACT_KEYS = listed("ZGODA_CONTACT_KEYS")
ADDRESS_HASH_KEY = hex_key("ZGODA_ADDRESS_HASH_KEY", length=32)

CELERY_BROKER_URL = required("ZGODA_BROKER_URL")
CELERY_TASK_DEFAULT_QUEUE = "school"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tenants.api.authentication.BearerToken",
        "tenants.api.authentication.SchoolSession",
    ],
    # The doors ask the matrix (tenants.api.door); a permission beside it would be a second truth.
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["tenants.api.body.JsonBody"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "tenants.api.schema.ApiSchema",
    # An answer is JSON whatever a query says.
    "URL_FORMAT_OVERRIDE": None,
}
API_REQUESTS_PER_MINUTE = {"token": 300, "address": 60}
SPECTACULAR_SETTINGS = {
    "TITLE": "Zgoda",
    "DESCRIPTION": "The e-diary of this school, for programs of the people in it. A token acts as its person, never as "
    "more, and reading one's own children's data costs nothing. Errors are problem details (RFC 9457).",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # What a change needs is said as it is; without it every field of a PATCH would count as optional.
    "COMPONENT_SPLIT_PATCH": False,
    "DISABLE_ERRORS_AND_WARNINGS": False,
    "ENUM_NAME_OVERRIDES": {
        "AttendanceStatus": "ediary_core.models.AttendanceStatus",
        "ClassKind": "ediary_core.models.ClassKind",
    },
}

globals().update(secured(SCHOOL_URL_PATTERN))

observability.configure(process="school", sentry_dsn=SENTRY_DSN)
