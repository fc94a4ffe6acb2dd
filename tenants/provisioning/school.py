"""Makes a school: schema, role, grants, default data and its entry in the gate's register, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django_tenants.utils import tenant_context
from psycopg import sql

from opt_in.gate.register import register_school
from tenants.identity import new_id
from tenants.people.models import SchoolSettings
from tenants.profiles import Profile, profile_of
from tenants.provisioning.script import school_script
from tenants.schemas import APPEND_ONLY_TABLES
from tenants.schools.models import Country, Domain, Kind, School
from tenants.schools.models.school import schema_name_of

SCHOOL_LOGIN = "app_school"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSchool:
    """What is known of a school before it exists. Names by language; the first language is the school's own."""

    subdomain: str
    names: Mapping[str, str]
    country: Country
    kind: Kind
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provisioned:
    school: School
    is_new: bool


class SchoolDiffers(ValueError):
    """A school with this subdomain exists and is not the one described."""


def provision_school(*, new: NewSchool) -> Provisioned:
    """Make the school, or find that it is there already. Either everything of it exists afterwards, or nothing."""
    profile = profile_of(new.country)
    languages = new.languages or profile.languages
    if not set(new.names) <= set(languages) or languages[0] not in new.names:
        raise ValueError(f"A school needs a name in its first language ({languages[0]}), and names only in its own.")
    with transaction.atomic():
        # Two provisioners at once for one subdomain: the second waits, then finds the school.
        _run("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"provision {new.subdomain}"])
        if existing := School.objects.filter(subdomain=new.subdomain).first():
            _require_same(existing, new, languages)
            return Provisioned(existing, is_new=False)
        school = _enter(new, languages, profile)
        _make_role(school.role_name)
        _make_schema(school, profile)
        register_school(
            school_id=school.id,
            role_name=school.role_name,
            names=school.names,
            country=school.country,
            languages=list(school.languages),
            time_zone=school.time_zone,
        )
        return Provisioned(school, is_new=True)


def host_of(subdomain: str) -> str:
    """The host name under which a school is reached."""
    host: str = settings.SCHOOL_HOST_PATTERN.format(subdomain=subdomain)
    return host


def _require_same(existing: School, new: NewSchool, languages: Sequence[str]) -> None:
    described = (dict(new.names), new.country.value, new.kind.value, list(languages))
    if (existing.names, existing.country, existing.kind, list(existing.languages)) != described:
        raise SchoolDiffers(f"{new.subdomain} is already a school with other names, country, kind or languages.")


def _enter(new: NewSchool, languages: Sequence[str], profile: Profile) -> School:
    school_id: UUID = new_id()
    school = School.objects.create(
        id=school_id,
        schema_name=schema_name_of(school_id),
        names=dict(new.names),
        subdomain=new.subdomain,
        kind=new.kind,
        country=new.country,
        languages=list(languages),
        time_zone=profile.time_zone.key,
    )
    Domain.objects.create(domain=host_of(new.subdomain), tenant=school)
    return school


def _make_role(name: str) -> None:
    """A role nobody logs in as. The school's processes may become it, one at a time; it inherits the gate's calls."""
    _run_script("CREATE ROLE {role} NOLOGIN", role=name)
    _run_script("GRANT gate_school TO {role} WITH INHERIT TRUE, SET FALSE", role=name)
    _run_script("GRANT {role} TO {login} WITH INHERIT FALSE, SET TRUE", role=name, login=SCHOOL_LOGIN)


def _make_schema(school: School, profile: Profile) -> None:
    name = school.schema_name
    _run_script("CREATE SCHEMA {schema}", schema=name)
    with tenant_context(school), connection.cursor() as cursor:
        script = school_script()
        cursor.execute(script.sql)
        cursor.execute(_OWN_MIGRATIONS_TABLE)
        now = timezone.now()
        cursor.executemany(
            "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)",
            [(app, migration, now) for app, migration in script.migrations],
        )
        SchoolSettings.objects.create(pupil_account_from_grade=profile.pupil_account_from_grade)
    _run_script("GRANT USAGE ON SCHEMA {schema} TO {schema}", schema=name)
    _run_script("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {schema}", schema=name)
    _run_script("REVOKE ALL ON {schema}.django_migrations FROM {schema}", schema=name)
    for table in APPEND_ONLY_TABLES:
        _run_script("REVOKE UPDATE, DELETE ON {schema}.{table} FROM {schema}", schema=name, table=table)
    # Tables that later migrations add are the school's as well.
    _run_script(
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {schema}",
        schema=name,
    )


# As Django's MigrationRecorder makes it; a test compares the two.
_OWN_MIGRATIONS_TABLE = """
CREATE TABLE django_migrations (
    id bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
    app varchar(255) NOT NULL,
    name varchar(255) NOT NULL,
    applied timestamp with time zone NOT NULL
)
"""


def _run(query: str, params: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, params)


def _run_script(template: str, **names: str) -> None:
    """Run SQL in which the names in braces become identifiers."""
    query = sql.SQL(template).format(**{key: sql.Identifier(name) for key, name in names.items()})
    with connection.cursor() as cursor:
        cursor.execute(query)
