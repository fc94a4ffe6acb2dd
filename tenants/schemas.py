"""Which Django app lives in which schema: each in exactly one, and a test reads pg_catalog against this table."""

from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import connections

PUBLIC_SCHEMA = "public"


class Schema(StrEnum):
    PUBLIC = "public"
    VENDOR = "vendor"
    SCHOOL = "school"  # the schema of each school
    NONE = "-"  # installed for its code; has no table anywhere


# Python path of the app → its schema. The label is the last part of the path.
SCHEMA_OF_APP: dict[str, Schema] = {
    "tenants.schools": Schema.PUBLIC,
    "tenants.operators": Schema.VENDOR,
    "tenants.people": Schema.SCHOOL,
    "tenants.documents": Schema.SCHOOL,
    "ediary_core": Schema.SCHOOL,
    "tenants.onboarding": Schema.SCHOOL,
    "tenants.provisioning": Schema.NONE,
    "opt_in": Schema.NONE,
    "opt_in.console": Schema.NONE,
    "notifications": Schema.NONE,
    "portal": Schema.NONE,
    "rest_framework": Schema.NONE,
    "drf_spectacular": Schema.NONE,
    "drf_spectacular_sidecar": Schema.NONE,
    "django.contrib.auth": Schema.NONE,
    "django.contrib.contenttypes": Schema.NONE,
    "django_tenants": Schema.NONE,
}

# App → the settings modules that know it (docs/architecture.md shows both columns).
SETTINGS_OF_APP: dict[str, tuple[str, ...]] = {
    "tenants.schools": ("school", "vendor", "provision"),
    "tenants.operators": ("vendor",),
    "tenants.people": ("school", "provision"),
    "tenants.documents": ("school", "provision"),
    "ediary_core": ("school", "provision"),
    "tenants.provisioning": ("school", "provision"),
    "tenants.onboarding": ("school", "provision"),
    "opt_in": ("school", "vendor", "public", "keeper", "dispatch"),
    "opt_in.console": ("vendor",),
    "notifications": ("school", "vendor", "dispatch"),
    "portal": ("school", "vendor", "public"),
    "rest_framework": ("school",),
    "drf_spectacular": ("school",),
    "drf_spectacular_sidecar": ("school",),
    "django.contrib.auth": ("school", "vendor", "provision"),
    "django.contrib.contenttypes": ("school", "vendor", "provision"),
    "django_tenants": ("school", "provision"),
}

# A school's own role may add to these and read them, and nothing else: what happened stays as it was (ACC-13).
APPEND_ONLY_TABLES = ("ediary_core_lessonchange",)

# Every schema that Django migrates keeps its own list of what was applied there.
EXEMPT_TABLES = frozenset({"django_migrations"})


def apps_in(schema: Schema) -> list[str]:
    """Python paths of the apps whose tables live in that schema."""
    return [app for app, its_schema in SCHEMA_OF_APP.items() if its_schema is schema]


def schema_of_label(app_label: str) -> Schema:
    """The schema of the app with that label; an app nobody listed has none."""
    for app, schema in SCHEMA_OF_APP.items():
        if app.rpartition(".")[2] == app_label:
            return schema
    return Schema.NONE


def schema_at(database: str) -> Schema:
    """Where a migration of this process would now put its tables."""
    schema_name = getattr(connections[database], "schema_name", None)
    if schema_name is None:
        return Schema(getattr(settings, "MIGRATED_SCHEMA", Schema.NONE))
    return Schema.PUBLIC if schema_name == PUBLIC_SCHEMA else Schema.SCHOOL


class OneSchemaRouter:
    """Lets an app's tables be made in the one schema it belongs to, and nowhere else."""

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        return schema_of_label(app_label) is schema_at(db) is not Schema.NONE
