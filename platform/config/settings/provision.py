"""Provisioner: owns the content schemas, creates a school's schema and role, registers the school with the gate."""

from config import observability
from config.environment import host_of, optional, required
from config.settings.base import *
from config.settings.base import CODE_ONLY_APPS, SENTRY_DSN, database
from tenants.schemas import Schema, apps_in

SHARED_APPS = ["django_tenants", *CODE_ONLY_APPS, *apps_in(Schema.PUBLIC)]
TENANT_APPS = apps_in(Schema.SCHOOL)
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS, "tenants.provisioning"]
TENANT_MODEL = "schools.School"
TENANT_DOMAIN_MODEL = "schools.Domain"
TENANT_SYNC_ROUTER = "tenants.schemas.OneSchemaRouter"
TENANT_LIMIT_SET_CALLS = True

# The owner of a school's tables, never the school's role: this process changes structure and reads nobody's data.
DATABASES = database(login="zgoda_owner", search_path=None, engine="tenants.backend")
DATABASES["default"]["SCHOOL_ROLE"] = False

AUTH_USER_MODEL = "people.User"

SCHOOL_URL_PATTERN = required("ZGODA_SCHOOL_URL_PATTERN")
SCHOOL_HOST_PATTERN = host_of(SCHOOL_URL_PATTERN)
CELERY_BROKER_URL = optional("ZGODA_BROKER_URL")
CELERY_TASK_DEFAULT_QUEUE = "provision"

observability.configure(process="provision", sentry_dsn=SENTRY_DSN)
