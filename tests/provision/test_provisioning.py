import threading

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.db.migrations.operations import RunPython
from django_tenants.utils import schema_context
from psycopg import errors

from tenants.backend.current import connection
from tenants.people.models import SchoolSettings
from tenants.provisioning import school as provisioning
from tenants.provisioning.school import NewSchool, SchoolDiffers, provision_school
from tenants.schools.models import Country, Domain, Kind, School
from tests.provision.catalogue import catalogue_of
from tests.surroundings import start_cluster

pytestmark = pytest.mark.usefixtures("committing")


def ask(query: str, *params: object) -> list[tuple[object, ...]]:
    with psycopg.connect(start_cluster().conninfo("bootstrap")) as superuser:
        return superuser.execute(query, params).fetchall()


def test_the_script_makes_exactly_what_the_migrations_make(lipa: School) -> None:
    migrated = f"school_{'a' * 32}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {migrated}")
    try:
        call_command("migrate_schemas", schema_name=migrated, verbosity=0)
        connection.set_schema_to_public()

        by_script, by_migrations = catalogue_of(lipa.schema_name), catalogue_of(migrated)

        assert by_script == by_migrations
        assert len(by_script["tables"]) > 10
        assert applied_in(lipa.schema_name) == applied_in(migrated)
    finally:
        connection.set_schema_to_public()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {migrated} CASCADE")


def test_a_provisioned_school_has_nothing_left_to_migrate(lipa: School) -> None:
    before = catalogue_of(lipa.schema_name)

    call_command("migrate_schemas", schema_name=lipa.schema_name, verbosity=0)
    connection.set_schema_to_public()

    assert catalogue_of(lipa.schema_name) == before


def test_a_school_is_light(lipa: School) -> None:
    """At most 6 relations and 50 kB per table, indexes and TOAST included (docs: scale, rule 7)."""
    ((tables, size),) = ask(
        "SELECT count(*), sum(pg_total_relation_size(oid)) FROM pg_class"
        " WHERE relnamespace = %s::regnamespace AND relkind = 'r'",
        lipa.schema_name,
    )
    ((relations,),) = ask(
        "WITH its_tables AS"
        " (SELECT reltoastrelid FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r')"
        " SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'i', 'S'))"
        # a TOAST table and its index
        " + (SELECT 2 * count(*) FROM its_tables WHERE reltoastrelid <> 0)",
        lipa.schema_name,
        lipa.schema_name,
    )

    assert isinstance(tables, int)
    assert isinstance(relations, int)
    assert relations / tables <= 6
    assert int(str(size)) / tables <= 50_000


def test_no_index_serves_patterns_that_nobody_searches(lipa: School) -> None:
    assert not [row for row in catalogue_of(lipa.schema_name)["indexes"] if "pattern_ops" in str(row)]


def test_a_schools_role_can_work_in_its_schema_and_nowhere_else(lipa: School) -> None:
    ((login, inherits_gate, becomes_gate),) = ask(
        "SELECT rolcanlogin, pg_has_role(rolname, 'gate_school', 'USAGE'), pg_has_role(rolname, 'gate_school', 'SET')"
        " FROM pg_roles WHERE rolname = %s",
        lipa.role_name,
    )
    schemas = ask(
        "SELECT nspname FROM pg_namespace WHERE has_schema_privilege(%s, oid, 'CREATE') OR"
        " (nspname LIKE 'school%%' AND has_schema_privilege(%s, oid, 'USAGE'))",
        lipa.role_name,
        lipa.role_name,
    )
    memberships = ask(
        "SELECT roleid::regrole::text, inherit_option, set_option FROM pg_auth_members"
        " WHERE member = 'app_school'::regrole AND roleid = %s::regrole",
        lipa.role_name,
    )

    assert (login, inherits_gate, becomes_gate) == (False, True, False)
    assert schemas == [(lipa.schema_name,)]
    assert memberships == [(lipa.role_name, False, True)]


def test_the_schools_tables_belong_to_the_owner_and_its_migrations_to_nobody_else(lipa: School) -> None:
    owners = ask(
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = %s",
        lipa.schema_name,
    )
    without_rights = ask(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s AND NOT has_table_privilege(%s,"
        " format('%%I.%%I', schemaname, tablename), 'SELECT, INSERT, UPDATE, DELETE')",
        lipa.schema_name,
        lipa.role_name,
    )

    assert owners == [("zgoda_owner",)]
    assert without_rights == [("django_migrations",)]


def test_a_school_begins_with_what_its_country_says(lipa: School) -> None:
    with schema_context(lipa.schema_name):
        chosen = SchoolSettings.objects.get()

    assert (chosen.pupil_account_from_grade, chosen.guardian_session_days, chosen.staff_session_hours) == (6, 30, 10)
    assert (lipa.languages, lipa.time_zone) == (["sl", "en"], "Europe/Ljubljana")
    assert Domain.objects.get(tenant=lipa).domain == f"{lipa.subdomain}.localhost"


def test_the_gate_knows_the_school(lipa: School) -> None:
    known = ask("SELECT role_name, country, stage, names FROM consent.school WHERE school_id = %s", lipa.id)

    assert known == [(lipa.role_name, "SI", "onboarding", {"sl": "OŠ Lipa"})]


def test_provisioning_again_changes_nothing(lipa: School, new: NewSchool) -> None:
    before = catalogue_of(lipa.schema_name)

    again = provision_school(new=new)

    assert (again.school, again.is_new) == (lipa, False)
    assert catalogue_of(lipa.schema_name) == before
    assert School.objects.filter(subdomain=new.subdomain).count() == 1


def test_a_subdomain_that_is_taken_by_another_school_is_refused(lipa: School, new: NewSchool) -> None:
    other = NewSchool(subdomain=new.subdomain, names={"pl": "SP Lipa"}, country=Country.POLAND, kind=Kind.PRIMARY)

    with pytest.raises(SchoolDiffers):
        provision_school(new=other)

    assert School.objects.get(subdomain=new.subdomain).country == "SI"


@pytest.mark.parametrize("step", ["_make_role", "_make_schema", "register_school"])
def test_a_failure_at_any_step_leaves_nothing_behind(
    new: NewSchool, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    schemas, roles = ask("SELECT count(*) FROM pg_namespace"), ask("SELECT count(*) FROM pg_roles")
    monkeypatch.setattr(provisioning, step, fail)

    with pytest.raises(ZeroDivisionError):
        provision_school(new=new)

    assert not School.objects.filter(subdomain=new.subdomain).exists()
    assert (ask("SELECT count(*) FROM pg_namespace"), ask("SELECT count(*) FROM pg_roles")) == (schemas, roles)
    assert ask("SELECT 1 FROM consent.school WHERE names ->> 'sl' = %s AND role_name = ''", "OŠ Lipa") == []


def test_two_provisioners_at_once_make_one_school(new: NewSchool) -> None:
    made: list[bool] = []

    def provision() -> None:
        try:
            made.append(provision_school(new=new).is_new)
        finally:
            connection.close()

    threads = [threading.Thread(target=provision) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(made) == [False, True]
    assert School.objects.filter(subdomain=new.subdomain).count() == 1


@pytest.mark.parametrize(
    ("names", "languages"), [({"en": "Lipa"}, ()), ({"sl": "Lipa", "pl": "Lipa"}, ()), ({"sl": "Lipa"}, ("pl", "sl"))]
)
def test_a_school_has_a_name_in_its_first_language(
    new: NewSchool, names: dict[str, str], languages: tuple[str, ...]
) -> None:
    wrong = NewSchool(
        subdomain=new.subdomain, names=names, country=Country.SLOVENIA, kind=Kind.PRIMARY, languages=languages
    )

    with pytest.raises(ValueError, match="first language"):
        provision_school(new=wrong)

    assert not School.objects.filter(subdomain=new.subdomain).exists()


@pytest.mark.parametrize("subdomain", ["Os-Reka", "-reka", "reka-", "os reka", "os.reka", 'x"; --'])
def test_a_subdomain_is_a_host_label(new: NewSchool, subdomain: str) -> None:
    wrong = NewSchool(subdomain=subdomain, names=new.names, country=new.country, kind=new.kind)

    with pytest.raises(DatabaseError):
        provision_school(new=wrong)

    assert not School.objects.filter(subdomain=subdomain).exists()


def test_the_command_says_what_is_wrong() -> None:
    with pytest.raises(CommandError, match="LANGUAGE=NAME"):
        call_command("provision_school", subdomain="os-x", names=["OŠ X"], country="SI")


def test_the_provisioner_cannot_touch_the_gate_or_become_anybody_else() -> None:
    for statement in ("SELECT * FROM consent.subject", "SELECT consent.go_live(gen_random_uuid())"):
        with connection.cursor() as cursor, pytest.raises(DatabaseError, match="denied"):
            cursor.execute(statement)
    with psycopg.connect(start_cluster().conninfo("zgoda_owner")) as owner:
        for role in ("consent_owner", "gate_school", "app_school", "bootstrap"):
            with pytest.raises(errors.InsufficientPrivilege), owner.transaction():
                owner.execute(f"SET ROLE {role}")


def test_no_migration_of_a_school_runs_python() -> None:
    from django.db.migrations.loader import MigrationLoader

    from tenants.schemas import Schema, schema_of_label

    migrations = MigrationLoader(None).disk_migrations.values()
    of_schools = [migration for migration in migrations if schema_of_label(migration.app_label) is Schema.SCHOOL]

    assert of_schools
    assert not [m for m in of_schools if any(isinstance(operation, RunPython) for operation in m.operations)]


def applied_in(schema: str) -> list[tuple[object, ...]]:
    return ask(f"SELECT app, name FROM {schema}.django_migrations ORDER BY app, name")
