"""Each Django app lives in exactly one schema, so that nothing can fall through a search path."""

import psycopg
import pytest
from django.apps import apps
from django.conf import settings

from config.settings.base import ROOT
from tenants.schemas import EXEMPT_TABLES, SCHEMA_OF_APP, SETTINGS_OF_APP, Schema, schema_of_label
from tenants.schools.models import School
from tests.surroundings import run_command, start_cluster

SHARED = ("public", "vendor", "consent")


@pytest.fixture
def tables(lipa: School) -> dict[str, set[str]]:
    """Schema → its tables, as PostgreSQL has them; the school's schema under the name `school`."""
    with psycopg.connect(start_cluster().conninfo("bootstrap")) as superuser:
        rows = superuser.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY (%s)", [[*SHARED, lipa.schema_name]]
        ).fetchall()
    found: dict[str, set[str]] = {schema: set() for schema in (*SHARED, "school")}
    for schema, table in rows:
        if table not in EXEMPT_TABLES or schema == "consent":
            found["school" if schema == lipa.schema_name else schema].add(table)
    return found


def test_every_table_lies_in_the_schema_of_its_app(tables: dict[str, set[str]]) -> None:
    expected = {model._meta.db_table: schema_of_label(model._meta.app_label) for model in apps.get_models()}

    for schema in ("public", "school"):
        assert tables[schema] == {table for table, its_schema in expected.items() if its_schema == schema}


def test_the_vendors_schema_holds_its_operators_only(tables: dict[str, set[str]]) -> None:
    assert tables["vendor"] == {
        "operators_operator",
        "operators_operatorsession",
        "operators_operatorthrottle",
    }


def test_no_table_name_of_a_school_exists_anywhere_else(tables: dict[str, set[str]]) -> None:
    assert tables["school"]
    for schema in SHARED:
        assert tables["school"].isdisjoint(tables[schema]), schema


def test_every_installed_app_is_in_the_table() -> None:
    installed = {config.name for config in apps.get_app_configs()}

    assert installed <= set(SCHEMA_OF_APP)
    assert set(SCHEMA_OF_APP) == set(SETTINGS_OF_APP)


@pytest.mark.parametrize("process", ["school", "vendor", "public", "keeper", "dispatch", "provision"])
def test_each_settings_module_knows_the_apps_that_the_table_says(process: str) -> None:
    look = "import django; from django.apps import apps; django.setup();"
    look += "print(*(config.name for config in apps.get_app_configs()))"
    ours = set(run_command(process, "python", "-c", look).split()) & set(SETTINGS_OF_APP)

    assert ours == {app for app, processes in SETTINGS_OF_APP.items() if process in processes}


def test_the_vendor_and_the_other_processes_know_no_school_app() -> None:
    for app, schema in SCHEMA_OF_APP.items():
        if schema is Schema.SCHOOL or app == "django_tenants":
            assert set(SETTINGS_OF_APP[app]) == {"school", "provision"}


def test_django_tenants_with_statement_is_used_nowhere() -> None:
    """`with school:` shares its stack between threads (docs: scale, rule 2). No TenantMixin, no `with`."""
    assert not hasattr(School, "__enter__")
    assert settings.TENANT_LIMIT_SET_CALLS is True


def test_no_async_server_and_no_thread_pool_stands_around_the_orm() -> None:
    sources = [
        path
        for folder in ("tenants", "opt_in", "ediary_core", "notifications", "platform/config", "platform/portal")
        for path in (ROOT / folder).rglob("*.py")
    ]
    using = [path.name for path in sources if "ThreadPoolExecutor" in path.read_text(encoding="utf-8")]

    assert len(sources) > 50
    assert using == []
