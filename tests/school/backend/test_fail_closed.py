"""The backend is in exactly one school or raises (docs: scale, rule 1)."""

import threading
from types import SimpleNamespace

import psycopg
import pytest
from django.db import DatabaseError, ProgrammingError, transaction
from django_tenants.utils import tenant_context

from tenants.backend.base import FailedTransaction, NotASchool, SchoolLost
from tenants.backend.current import connection
from tenants.backend.transaction_sql import TransactionSqlRefused
from tenants.people.models import ScopeOverride, User
from tenants.schools.models import School
from tests.surroundings import start_cluster

pytestmark = pytest.mark.usefixtures("committing")

NOWHERE = SimpleNamespace(schema_name=f"school_{0:032x}", pk=None)


def schema_and_role() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), current_setting('role')")
        found: tuple[str, str] = cursor.fetchone()
    return found


def two_schools() -> tuple[School, School]:
    reka = School.objects.get(subdomain="os-reka")
    return reka, School.objects.get(subdomain="sp-brzozowa")


def test_path_and_role_are_the_schools_own() -> None:
    reka, _ = two_schools()

    with tenant_context(reka):
        found = schema_and_role()

    assert found == (reka.schema_name, reka.role_name)
    assert schema_and_role() == ("public", "none")


def test_a_school_whose_schema_is_missing_is_an_error_and_not_public() -> None:
    with tenant_context(NOWHERE), pytest.raises(DatabaseError):
        School.objects.count()


def test_a_role_without_its_schema_is_an_error_too() -> None:
    orphan = SimpleNamespace(schema_name=f"school_{2:032x}", pk=None)
    owner = start_cluster().conninfo("zgoda_owner")
    run_sql(owner, f"CREATE ROLE {orphan.schema_name}")
    run_sql(owner, f"GRANT {orphan.schema_name} TO app_school WITH INHERIT FALSE, SET TRUE")
    try:
        # PostgreSQL lets a path name a schema that is not there; a query without tables would not even notice.
        with tenant_context(orphan), pytest.raises(DatabaseError, match="schema"):
            schema_and_role()
    finally:
        run_sql(owner, f"DROP ROLE {orphan.schema_name}")


def test_a_failed_set_is_an_error_and_the_previous_school_is_not_used() -> None:
    reka, _ = two_schools()
    orphan = SimpleNamespace(schema_name=f"school_{1:032x}", pk=None)
    owner = start_cluster().conninfo("zgoda_owner")
    run_sql(owner, f"CREATE SCHEMA {orphan.schema_name}")
    try:
        with tenant_context(reka):
            assert User.objects.count() == 0
            with tenant_context(orphan):
                # There is a schema but no role: the SET of both fails as one.
                for _attempt in range(2):
                    with pytest.raises(DatabaseError, match="role"):
                        User.objects.count()
            assert schema_and_role() == (reka.schema_name, reka.role_name)
    finally:
        run_sql(owner, f"DROP SCHEMA {orphan.schema_name}")


def test_an_error_swallowed_inside_atomic_cannot_be_committed() -> None:
    reka, _ = two_schools()

    with tenant_context(reka):
        with pytest.raises(FailedTransaction), transaction.atomic():
            ScopeOverride.objects.create(action="person.view", role="secretary", scope=0)
            swallow_an_error()
        kept = ScopeOverride.objects.count()

    assert kept == 0


def test_after_a_swallowed_error_the_next_query_is_in_the_school_we_say() -> None:
    reka, brzozowa = two_schools()

    with tenant_context(reka):
        assert schema_and_role()[0] == reka.schema_name
        with tenant_context(brzozowa):
            with pytest.raises(FailedTransaction), transaction.atomic():
                assert schema_and_role()[0] == brzozowa.schema_name
                swallow_an_error()
            # PostgreSQL has taken path and role back to OŠ Reka; we must not believe otherwise.
            assert schema_and_role() == (brzozowa.schema_name, brzozowa.role_name)


def test_after_a_rolled_back_savepoint_the_next_query_is_in_the_school_we_say() -> None:
    reka, brzozowa = two_schools()

    with tenant_context(reka), transaction.atomic():
        assert schema_and_role()[0] == reka.schema_name
        connection.set_tenant(brzozowa)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            assert schema_and_role()[0] == brzozowa.schema_name
            raise ZeroDivisionError
        assert schema_and_role() == (brzozowa.schema_name, brzozowa.role_name)


def test_a_savepoint_can_be_rolled_back_after_an_error_and_work_goes_on() -> None:
    reka, _ = two_schools()

    with tenant_context(reka), transaction.atomic():
        with pytest.raises(DatabaseError), transaction.atomic():
            connection.set_tenant(reka)
            divide_by_zero()
        assert schema_and_role() == (reka.schema_name, reka.role_name)


def test_after_a_rollback_the_next_query_is_in_the_school_we_say() -> None:
    reka, brzozowa = two_schools()

    with tenant_context(reka):
        assert schema_and_role()[0] == reka.schema_name
        with tenant_context(brzozowa):
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                assert schema_and_role()[0] == brzozowa.schema_name
                raise ZeroDivisionError
            assert schema_and_role() == (brzozowa.schema_name, brzozowa.role_name)


def test_after_a_commit_path_and_role_are_set_anew() -> None:
    reka, _ = two_schools()

    with tenant_context(reka):
        with transaction.atomic():
            assert schema_and_role()[0] == reka.schema_name
        connection.connection.execute("SET search_path = public; SET ROLE NONE")
        assert schema_and_role() == (reka.schema_name, reka.role_name)


@pytest.mark.parametrize(
    "statement",
    [
        "BEGIN",
        "commit",
        "/* quietly */ ROLLBACK",
        "-- a comment\nROLLBACK TO SAVEPOINT a",
        "SELECT 1; COMMIT",
        "SAVEPOINT a",
        "RELEASE a",
        "ABORT",
        "END",
        "START TRANSACTION",
        "PREPARE TRANSACTION 'a'",
        "SET search_path = public",
        "SET LOCAL ROLE zgoda_owner",
        "SET SESSION AUTHORIZATION app_vendor",
        "RESET ROLE",
        "DISCARD ALL",
    ],
)
def test_transaction_and_school_are_not_changed_by_raw_sql(statement: str) -> None:
    with connection.cursor() as cursor, pytest.raises(TransactionSqlRefused):
        cursor.execute(statement)


def test_sql_that_only_mentions_such_words_is_let_through() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'commit; and begin' AS rollback, %s", ["BEGIN"])
        found = cursor.fetchone()

    assert found == ("commit; and begin", "BEGIN")


def test_a_new_thread_starts_without_a_school() -> None:
    reka, _ = two_schools()
    found: list[object] = []

    def look() -> None:
        try:
            found.append(connection.schema_name)
            User.objects.count()
        except ProgrammingError as error:
            found.append(type(error))
        finally:
            connection.close()

    with tenant_context(reka):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    assert found == ["public", ProgrammingError]


def test_a_path_changed_behind_our_back_is_an_error() -> None:
    reka, brzozowa = two_schools()

    with tenant_context(reka):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('search_path', %s, false)", [brzozowa.schema_name])
        with pytest.raises(SchoolLost):
            User.objects.count()
        assert schema_and_role() == (reka.schema_name, reka.role_name)


def test_a_temporary_table_cannot_stand_in_front_of_a_schools() -> None:
    reka, _ = two_schools()

    with tenant_context(reka), connection.cursor() as cursor:
        try:
            cursor.execute("CREATE TEMP TABLE people_user (id int)")
        except ProgrammingError:
            return  # the logins may not make any, which is better still
        cursor.execute("SELECT 'people_user'::regclass = %s::regclass", [f"{reka.schema_name}.people_user"])
        assert cursor.fetchone() == (True,)


def test_a_query_that_names_another_school_fails_in_postgresql() -> None:
    reka, brzozowa = two_schools()

    with tenant_context(reka), connection.cursor() as cursor, pytest.raises(ProgrammingError, match="denied"):
        cursor.execute(f"SELECT * FROM {brzozowa.schema_name}.people_user")


def test_the_shared_tables_are_out_of_sight_inside_a_school() -> None:
    reka, _ = two_schools()

    with tenant_context(reka), pytest.raises(ProgrammingError, match="does not exist"):
        School.objects.count()


@pytest.mark.parametrize("name", ["vendor", "consent", "school_", "pg_catalog", 'school_0"; DROP TABLE x; --'])
def test_only_a_schools_schema_is_a_school(name: str) -> None:
    with pytest.raises(NotASchool):
        connection.set_schema(name)


def divide_by_zero() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


def swallow_an_error() -> None:
    try:
        divide_by_zero()
    except DatabaseError:
        return


def run_sql(conninfo: str, statement: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as owner:
        owner.execute(statement)
