"""Every way to take a guard of the gate away, derived from the catalogue of a fresh installation.

Nothing here is a list made by hand: a new table, function, trigger or login brings its removals with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from psycopg import Connection

import opt_in.gate

RUNTIME_LOGINS = (
    "app_school",
    "app_vendor",
    "app_public",
    "app_keeper",
    "app_dispatch",
    "ledger_witness",
    "zgoda_owner",
)
_SEARCH_PATH = "search_path=pg_catalog, consent, pg_temp"
_EVENT_FUNCTION = "CREATE FUNCTION smuggled() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'"
_SWALLOW = "EXECUTE FUNCTION suppress_redundant_updates_trigger()"


@dataclass(frozen=True, slots=True)
class Removal:
    """One guard, and the SQL with which a superuser takes it away."""

    group: str
    guard: str
    statement: str


def all_removals(connection: Connection) -> Iterator[Removal]:
    yield from _triggers(connection)
    yield from _functions(connection)
    yield from _tables(connection)
    yield from _constraints(connection)
    yield from _registered_rows(connection)
    yield from _schema(connection)
    yield from _roles(connection)
    yield from _clock()


def _triggers(connection: Connection) -> Iterator[Removal]:
    rows = connection.execute(
        "SELECT tgname, tgrelid::regclass::text FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid"
        " WHERE relnamespace = 'consent'::regnamespace AND NOT tgisinternal ORDER BY 2, 1"
    ).fetchall()
    for name, table in rows:
        for what, statement in (
            ("is there", f'DROP TRIGGER "{name}" ON {table}'),
            ("is enabled", f'ALTER TABLE {table} DISABLE TRIGGER "{name}"'),
            ("is ALWAYS enabled", f'ALTER TABLE {table} ENABLE TRIGGER "{name}"'),
            ("is ALWAYS enabled, not only in a replica", f'ALTER TABLE {table} ENABLE REPLICA TRIGGER "{name}"'),
        ):
            yield Removal("triggers", f"trigger {name} on {table} {what}", statement)


def _functions(connection: Connection) -> Iterator[Removal]:
    rows = connection.execute(
        "SELECT oid::regprocedure::text, oid::int8, prosecdef, prokind, proconfig, prosqlbody IS NOT NULL, provolatile"
        " FROM pg_proc WHERE pronamespace = 'consent'::regnamespace ORDER BY 1"
    ).fetchall()
    for name, oid, definer, kind, settings, has_parsed_body, volatility in rows:
        routine = "PROCEDURE" if kind == "p" else "FUNCTION"

        def removal(guard: str, statement: str, name: str = name) -> Removal:
            return Removal("functions", f"{name} {guard}", statement)

        if _SEARCH_PATH in (settings or ()):
            yield removal("pins its search path", f"ALTER {routine} {name} RESET search_path")
            loose = f"ALTER {routine} {name} SET search_path = pg_temp, consent, pg_catalog"
            yield removal("looks into pg_temp last", loose)
        if definer:
            yield removal("is SECURITY DEFINER", f"ALTER {routine} {name} SECURITY INVOKER")
        else:
            yield removal("is not SECURITY DEFINER", f"ALTER {routine} {name} SECURITY DEFINER")
        yield removal("belongs to consent_owner", f"ALTER {routine} {name} OWNER TO zgoda_owner")
        yield removal("is closed to PUBLIC", f"GRANT EXECUTE ON {routine} {name} TO PUBLIC")
        for login in _without_execute(connection, oid):
            yield removal(f"is closed to {login}", f"GRANT EXECUTE ON {routine} {name} TO {login}")
        # A superuser may write into the catalogue; the effect is that of CREATE OR REPLACE with another body.
        body = "prosqlbody = NULL, prosrc = 'SELECT NULL'" if has_parsed_body else "prosrc = prosrc || ' '"
        yield removal("has its body", f"UPDATE pg_proc SET {body} WHERE oid = {oid}")
        other = "v" if volatility != "v" else "s"
        yield removal("has its volatility", f"UPDATE pg_proc SET provolatile = '{other}' WHERE oid = {oid}")


def _without_execute(connection: Connection, oid: int) -> list[str]:
    """One representative per function: each login that a function is closed to appears over the whole table."""
    rows = connection.execute(
        "SELECT login FROM unnest(%s::text[]) AS login WHERE NOT has_function_privilege(login, %s::oid, 'EXECUTE')",
        [list(RUNTIME_LOGINS), oid],
    ).fetchall()
    closed = [login for (login,) in rows]
    return [closed[oid % len(closed)]] if closed else []


def _tables(connection: Connection) -> Iterator[Removal]:
    rows = connection.execute(
        "SELECT oid::regclass::text, relkind::text,"
        " (SELECT quote_ident(min(attname)) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0)"
        " FROM pg_class c WHERE relnamespace = 'consent'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')"
        " ORDER BY 1"
    ).fetchall()
    logins = cycle(RUNTIME_LOGINS)
    for table, kind, column in rows:
        if kind == "S":
            for privilege in ("UPDATE", "USAGE"):
                login = next(logins)
                grant = f"GRANT {privilege} ON SEQUENCE {table} TO {login}"
                yield Removal("tables", f"sequence {table} is closed to {login}'s {privilege}", grant)
            continue
        for privilege in ("INSERT", "UPDATE", "DELETE", "SELECT", "TRUNCATE", "TRIGGER", "REFERENCES", "MAINTAIN"):
            login = next(logins)
            grant = f"GRANT {privilege} ON {table} TO {login}"
            yield Removal("tables", f"{table} is closed to {login}'s {privilege}", grant)
        login = next(logins)
        grant = f"GRANT UPDATE ({column}) ON {table} TO {login}"
        yield Removal("tables", f"{table}'s column {column} is closed to {login}", grant)
        yield Removal("tables", f"{table} is closed to PUBLIC", f"GRANT SELECT ON {table} TO PUBLIC")
        yield Removal("tables", f"{table} belongs to consent_owner", f"ALTER TABLE {table} OWNER TO zgoda_owner")
        yield Removal(
            "tables",
            f"{table} has no rule that swallows a write",
            f"CREATE RULE swallow AS ON INSERT TO {table} DO INSTEAD NOTHING",
        )
        yield Removal(
            "tables",
            f"{table} hides no row from the gate",
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        )


def _constraints(connection: Connection) -> Iterator[Removal]:
    rows = connection.execute(
        "SELECT conname, conrelid::regclass::text FROM pg_constraint"
        " WHERE connamespace = 'consent'::regnamespace AND contype IN ('c', 'p', 'u', 'f') AND conrelid <> 0"
        " ORDER BY 2, 1"
    ).fetchall()
    for name, table in rows:
        yield Removal("constraints", f"{name} on {table}", f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE')
    rows = connection.execute(
        "SELECT indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = indexrelid"
        " WHERE relnamespace = 'consent'::regnamespace AND indisunique"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) ORDER BY 1"
    ).fetchall()
    for (index,) in rows:
        yield Removal("constraints", f"unique index {index}", f"DROP INDEX {index}")
    rows = connection.execute(
        "SELECT attrelid::regclass::text, quote_ident(attname) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid"
        " WHERE relnamespace = 'consent'::regnamespace AND relkind = 'r' AND attnotnull AND attnum > 0"
        " AND attidentity = '' AND NOT EXISTS (SELECT FROM pg_constraint k"
        " WHERE contype = 'p' AND conrelid = attrelid AND attnum = ANY (conkey)) ORDER BY 1, 2"
    ).fetchall()
    for table, column in rows:
        yield Removal("constraints", f"{table}.{column} NOT NULL", f"ALTER TABLE {table} ALTER {column} DROP NOT NULL")


def _registered_rows(connection: Connection) -> Iterator[Removal]:
    """Kinds come with a release: whoever calls an offer a service message in this table has the gate open."""
    for (kind,) in connection.execute("SELECT kind FROM consent.kind ORDER BY 1").fetchall():
        other = "CASE class WHEN 'platform_service' THEN 'security' ELSE 'platform_service' END"
        statement = _behind_the_triggers("kind", f"UPDATE consent.kind SET class = {other} WHERE kind = '{kind}'")
        yield Removal("registered kinds", f"kind {kind} has its class", statement)
    unknown = (
        'INSERT INTO consent.kind SELECT (jsonb_populate_record(k, \'{"kind": "vendor.news"}\')).*'
        " FROM consent.kind k WHERE class = 'platform_service' LIMIT 1"
    )
    yield Removal("registered kinds", "no kind that no release registered", unknown)


def _behind_the_triggers(table: str, statement: str) -> str:
    """A superuser switches the guards of a table off and on again, so that only the row tells what was done."""
    always = (
        "DO $$ DECLARE t name; BEGIN FOR t IN SELECT tgname FROM pg_trigger"
        f" WHERE tgrelid = 'consent.{table}'::regclass AND NOT tgisinternal LOOP"
        f" EXECUTE format('ALTER TABLE consent.{table} ENABLE ALWAYS TRIGGER %I', t); END LOOP; END $$"
    )
    return f"ALTER TABLE consent.{table} DISABLE TRIGGER USER; {statement}; {always}"


def _schema(connection: Connection) -> Iterator[Removal]:
    database = connection.info.dbname
    yield Removal("schema", "schema consent belongs to consent_owner", "ALTER SCHEMA consent OWNER TO zgoda_owner")
    yield Removal("schema", "schema consent is closed to PUBLIC", "GRANT USAGE ON SCHEMA consent TO PUBLIC")
    for login in RUNTIME_LOGINS:
        yield Removal("schema", f"{login} creates nothing in consent", f"GRANT CREATE ON SCHEMA consent TO {login}")
    yield Removal("schema", "nobody creates in public", "GRANT CREATE ON SCHEMA public TO PUBLIC")
    yield Removal("schema", "app_vendor makes no schema", f'GRANT CREATE ON DATABASE "{database}" TO app_vendor')
    for kind, statement in (
        ("function", "CREATE FUNCTION consent.smuggled() RETURNS void LANGUAGE sql SECURITY DEFINER RETURN NULL"),
        ("table", "CREATE TABLE consent.smuggled (id int)"),
        ("view", "CREATE VIEW consent.smuggled AS SELECT * FROM consent.contact"),
        ("trigger", f"CREATE TRIGGER smuggled BEFORE UPDATE ON consent.contact FOR EACH ROW {_SWALLOW}"),
        ("event trigger", f"{_EVENT_FUNCTION}; CREATE EVENT TRIGGER smuggled ON sql_drop EXECUTE FUNCTION smuggled()"),
    ):
        yield Removal("schema", f"no {kind} that no release installed", statement)
    everyone = "ALTER DEFAULT PRIVILEGES FOR ROLE consent_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC"
    yield Removal("schema", "what consent_owner makes is closed to PUBLIC", everyone)


def _roles(connection: Connection) -> Iterator[Removal]:
    for login in RUNTIME_LOGINS:
        yield Removal("roles", f"{login} cannot become consent_owner", f"GRANT consent_owner TO {login}")
        for attribute in ("SUPERUSER", "BYPASSRLS", "CREATEDB", "REPLICATION", "CREATEROLE"):
            if not (login == "zgoda_owner" and attribute == "CREATEROLE"):
                yield Removal("roles", f"{login} is not {attribute}", f"ALTER ROLE {login} {attribute}")
        if login != "zgoda_owner":
            yield Removal("roles", f"{login} cannot become zgoda_owner", f"GRANT zgoda_owner TO {login}")
        yield Removal(
            "roles", f"{login} is not in gate_school", f"GRANT gate_school TO {login} WITH INHERIT TRUE, SET TRUE"
        )
        for predefined in ("pg_write_all_data", "pg_read_all_data", "pg_execute_server_program", "pg_signal_backend"):
            yield Removal("roles", f"{login} is not in {predefined}", f"GRANT {predefined} TO {login}")
    for other in (name for name in RUNTIME_LOGINS if name != "app_vendor"):
        yield Removal("roles", f"app_vendor cannot become {other}", f"GRANT {other} TO app_vendor")
    for role in ("consent_owner", "gate_school"):
        yield Removal("roles", f"{role} cannot log in", f"ALTER ROLE {role} LOGIN")
        yield Removal("roles", f"{role} is no superuser", f"ALTER ROLE {role} SUPERUSER")
    schools = "SELECT role_name FROM consent.school WHERE role_name IS NOT NULL ORDER BY 1"
    for (school,) in connection.execute(schools).fetchall():
        yield Removal("roles", "a school's role cannot log in", f"ALTER ROLE {school} LOGIN")
        yield Removal("roles", "app_school inherits no school", f"GRANT {school} TO app_school WITH INHERIT TRUE")
        for login in (name for name in RUNTIME_LOGINS if name != "app_school"):
            yield Removal("roles", f"{login} cannot act as a school", f"GRANT {school} TO {login} WITH SET TRUE")
        yield Removal("roles", "a school's role is not consent_owner", f"GRANT consent_owner TO {school}")
    for login in ("app_vendor", "app_school"):
        yield Removal(
            "roles",
            f"{login} cannot set session_replication_role",
            f"GRANT SET ON PARAMETER session_replication_role TO {login}",
        )


def _clock() -> Iterator[Removal]:
    frozen = (
        "CREATE OR REPLACE FUNCTION consent.now() RETURNS timestamptz LANGUAGE sql VOLATILE"
        " SET search_path = pg_catalog, consent, pg_temp RETURN timestamptz '2020-09-01 00:00:00+00'"
    )
    yield Removal("clock", "consent.now() is the server's clock", frozen)
    for path in sorted((Path(opt_in.gate.__file__).parent / "testing").glob("*.sql")):
        yield Removal("clock", f"testing/{path.name} was not run here", path.read_text())
