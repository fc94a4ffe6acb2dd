"""Creates logins, owners, the database and its schemas, and installs or upgrades the gate. Idempotent.

Run with the bootstrap superuser only; no process of the platform ever holds that login.
"""

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg
from psycopg import sql

SQL_FOLDER = Path(__file__).parent / "sql"
OLDEST_SERVER = 180000

# Each process has its own login and secret. The time-outs stop mistakes that would hold a school's lock.
LOGINS: dict[str, str] = {
    "zgoda_owner": "CREATEROLE INHERIT",
    "app_school": "NOINHERIT",
    "app_vendor": "NOINHERIT CONNECTION LIMIT 60",
    "app_public": "NOINHERIT CONNECTION LIMIT 60",
    "app_keeper": "NOINHERIT",
    "app_dispatch": "NOINHERIT",
    "ledger_witness": "NOINHERIT",
}
IDLE_IN_TRANSACTION_SECONDS = {
    "app_school": 60,
    "app_vendor": 60,
    "app_public": 10,
    "app_keeper": 10,
    "app_dispatch": 10,
    "ledger_witness": 60,
}


class MigrationChanged(Exception):
    """A file of tables that this database has already run is no longer the same; add a new file instead."""


class ServerTooOld(Exception):
    """The server is older than any version the gate was tested on."""


def bootstrap(superuser_conninfo: str, passwords: Mapping[str, str], dbname: str = "zgoda") -> None:
    """`passwords` maps every login of LOGINS to its secret."""
    missing = sorted(set(LOGINS) - set(passwords))
    if missing:
        raise ValueError(f"No password for: {', '.join(missing)}")
    with psycopg.connect(superuser_conninfo, autocommit=True) as connection:
        if connection.info.server_version < OLDEST_SERVER:
            raise ServerTooOld(f"PostgreSQL 18 or newer is needed, this is {connection.info.server_version}.")
        # One bootstrap at a time in the whole cluster: roles are shared by all databases.
        connection.execute("SELECT pg_advisory_lock(hashtext('zgoda.bootstrap'))")
        _create_roles(connection, passwords)
        _create_database(connection, dbname)
        with psycopg.connect(superuser_conninfo, dbname=dbname) as inside:
            _create_schemas(inside, dbname)
            install(inside)


def _create_roles(connection: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    for group in ("consent_owner", "gate_school"):
        if not _role_exists(connection, group):
            connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(group)))
        connection.execute(
            sql.SQL(
                "ALTER ROLE {} NOLOGIN NOINHERIT NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS NOREPLICATION"
            ).format(sql.Identifier(group))
        )
    for login, attributes in LOGINS.items():
        name = sql.Identifier(login)
        if not _role_exists(connection, login):
            connection.execute(sql.SQL("CREATE ROLE {}").format(name))
        # The verifier is computed here, so that the secret never stands in a statement or a server log.
        verifier = connection.pgconn.encrypt_password(
            passwords[login].encode(), login.encode(), b"scram-sha-256"
        ).decode()
        connection.execute(
            sql.SQL(
                "ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS NOREPLICATION PASSWORD {}"
            ).format(name, verifier)
        )
        connection.execute(sql.SQL("ALTER ROLE {} " + attributes).format(name))
        if login in IDLE_IN_TRANSACTION_SECONDS:
            connection.execute(
                sql.SQL("ALTER ROLE {} SET idle_in_transaction_session_timeout = {}").format(
                    name, f"{IDLE_IN_TRANSACTION_SECONDS[login]}s"
                )
            )
    # The provisioner may hand out the group, and cannot become it.
    connection.execute("GRANT gate_school TO zgoda_owner WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")


def _role_exists(connection: psycopg.Connection, name: str) -> bool:
    return connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).rowcount == 1


def _create_database(connection: psycopg.Connection, dbname: str) -> None:
    name = sql.Identifier(dbname)
    if connection.execute("SELECT FROM pg_database WHERE datname = %s", [dbname]).rowcount == 0:
        # The builtin provider knows every script's capital letters and sorts the same on every machine.
        connection.execute(
            sql.SQL(
                "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' "
                "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
            ).format(name)
        )
    # The cluster's own databases are open to every login unless somebody closes them.
    for closed in (dbname, "postgres", "template1"):
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(closed)))
    connection.execute(sql.SQL("GRANT CREATE, TEMPORARY ON DATABASE {} TO zgoda_owner").format(name))
    for login in LOGINS:
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, sql.Identifier(login)))


def _create_schemas(connection: psycopg.Connection, dbname: str) -> None:
    connection.execute("ALTER SCHEMA public OWNER TO zgoda_owner")
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    connection.execute("CREATE SCHEMA IF NOT EXISTS vendor AUTHORIZATION zgoda_owner")
    connection.execute("GRANT USAGE ON SCHEMA vendor TO app_vendor")
    connection.execute(
        "ALTER DEFAULT PRIVILEGES FOR ROLE zgoda_owner IN SCHEMA public "
        "GRANT SELECT ON TABLES TO app_school, app_vendor"
    )
    connection.execute(
        "ALTER DEFAULT PRIVILEGES FOR ROLE zgoda_owner IN SCHEMA vendor "
        "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app_vendor"
    )
    connection.execute(
        "ALTER DEFAULT PRIVILEGES FOR ROLE zgoda_owner IN SCHEMA vendor GRANT USAGE ON SEQUENCES TO app_vendor"
    )


def install(connection: psycopg.Connection, folder: Path = SQL_FOLDER) -> None:
    """Installs or upgrades schema consent, in one transaction: there is no moment without its guards.

    Files numbered below 20 hold tables and seeds: each runs once and never changes again. The others hold functions,
    guards and grants: when one of them changed, all functions are dropped and all these files run anew.
    """
    with connection.transaction():
        connection.execute("CREATE SCHEMA IF NOT EXISTS consent AUTHORIZATION consent_owner")
        connection.execute("SET LOCAL ROLE consent_owner")
        connection.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS consent.migration "
            "(file text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
        )
        applied: dict[str, str] = dict(connection.execute("SELECT file, sha256 FROM consent.migration").fetchall())
        files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.sql"))}
        hashes = {name: hashlib.sha256(text).hexdigest() for name, text in files.items()}
        tables = [name for name in files if int(name[:2]) < 20]
        code = [name for name in files if int(name[:2]) >= 20]

        for name in tables:
            if name not in applied:
                _run(connection, name, files[name])
            elif applied[name] != hashes[name]:
                raise MigrationChanged(
                    f"{name} changed after this database had run it. Put the change into a new file; "
                    "a development database can be made anew."
                )
        stale = {name for name in applied if int(name[:2]) >= 20} != set(code)
        if stale or any(applied.get(name) != hashes[name] for name in code):
            _drop_code(connection)
            connection.execute("DELETE FROM consent.migration WHERE left(file, 2)::int >= 20")
            for name in code:
                _run(connection, name, files[name])
        _record(connection, {name: hashes[name] for name in files if applied.get(name) != hashes[name]})


def _run(connection: psycopg.Connection, name: str, text: bytes) -> None:
    try:
        connection.execute(text)
    except psycopg.Error as error:
        error.add_note(f"while running {name}")
        raise


def _record(connection: psycopg.Connection, hashes: Mapping[str, str]) -> None:
    for name, digest in hashes.items():
        connection.execute(
            "INSERT INTO consent.migration (file, sha256) VALUES (%s, %s) "
            "ON CONFLICT (file) DO UPDATE SET sha256 = excluded.sha256, applied_at = clock_timestamp()",
            [name, digest],
        )


def _drop_code(connection: psycopg.Connection) -> None:
    """Functions go with everything that hangs on them, which is triggers only: no default, check or index calls one."""
    triggers: Iterable[tuple[str, str]] = connection.execute(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE c.relnamespace = 'consent'::regnamespace AND NOT t.tgisinternal"
    ).fetchall()
    for table, trigger in triggers:
        connection.execute(
            sql.SQL("DROP TRIGGER {} ON consent.{}").format(sql.Identifier(trigger), sql.Identifier(table))
        )
    functions = connection.execute(
        "SELECT string_agg(oid::regprocedure::text, ', ') FROM pg_proc WHERE pronamespace = 'consent'::regnamespace"
    ).fetchone()
    if functions and functions[0]:
        connection.execute("DROP FUNCTION " + functions[0])


def main() -> None:
    """Reads ZGODA_BOOTSTRAP_DSN, ZGODA_DB_NAME and ZGODA_PASSWORD_<LOGIN> from the environment."""
    conninfo = os.environ.get("ZGODA_BOOTSTRAP_DSN")
    passwords = {login: os.environ.get(f"ZGODA_PASSWORD_{login.upper()}", "") for login in LOGINS}
    unset = ["ZGODA_BOOTSTRAP_DSN"] if not conninfo else []
    unset += [f"ZGODA_PASSWORD_{login.upper()}" for login, secret in passwords.items() if not secret]
    if unset or conninfo is None:
        sys.exit("Not set: " + ", ".join(unset))
    bootstrap(conninfo, passwords, os.environ.get("ZGODA_DB_NAME", "zgoda"))


if __name__ == "__main__":
    main()
