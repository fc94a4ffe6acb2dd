"""Random SQL: what somebody with a login's password might try, as plain statements, decided by a seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from local.keys import LOGINS
from proofs.sql_values import Literals, quoted

SETTINGS = (
    "search_path = pg_temp, consent, public",
    "session_replication_role = replica",
    "row_security = off",
    "default_transaction_isolation = 'serializable'",
    "default_transaction_read_only = on",
    "enable_indexscan = off",
    "plan_cache_mode = force_custom_plan",
    "statement_timeout = 0",
    "lock_timeout = 0",
    "idle_in_transaction_session_timeout = 0",
    "transaction_timeout = 0",
    "zgoda.school = 'x'",
    "consent.now = '2020-01-01'",
    "timezone = 'Asia/Tokyo'",
    "datestyle = 'German'",
    "extra_float_digits = -15",
    "xmloption = document",
    "check_function_bodies = off",
    "allow_system_table_mods = on",
    "local_preload_libraries = 'x'",
    "lc_messages = 'C'",
    "work_mem = '64kB'",
    "synchronous_commit = off",
    "debug_discard_caches = 1",
)
# What only an owner or a superuser may; {table} is one of the gate's.
_DDL = (
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} OWNER TO {login}",
    "ALTER TABLE {table} ADD COLUMN mine int",
    "ALTER TABLE {table} SET SCHEMA public",
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "DROP TABLE {table} CASCADE",
    "TRUNCATE {table} CASCADE",
    "CREATE INDEX ON {table} ((1))",
    "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION consent.forbid()",
    "CREATE POLICY mine ON {table}",
    "CREATE TABLE public.mine{n} (LIKE {table} INCLUDING ALL)",
    "CREATE TABLE public.child{n} () INHERITS ({table})",
    "CREATE TABLE public.key{n} (school_id uuid REFERENCES consent.school)",
    "CREATE VIEW public.view{n} AS SELECT * FROM {table}",
    "CREATE MATERIALIZED VIEW public.kept{n} AS SELECT * FROM {table}",
    "GRANT ALL ON {table} TO {login}",
    "GRANT ALL ON ALL TABLES IN SCHEMA consent TO {login}",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA consent TO {login}",
    "GRANT ALL ON SCHEMA consent TO {login}",
    "GRANT consent_owner TO {login}",
    "GRANT pg_read_all_data TO {login}",
    "GRANT pg_signal_backend TO {login}",
    "GRANT SET ON PARAMETER session_replication_role TO {login}",
    "REVOKE EXECUTE ON FUNCTION consent.revoke(uuid, text) FROM gate_school",
    "ALTER ROLE consent_owner LOGIN",
    "ALTER ROLE {login} SUPERUSER",
    "ALTER ROLE {login} BYPASSRLS",
    "ALTER ROLE {login} SET search_path = pg_temp",
    "ALTER ROLE {login} SET session_replication_role = replica",
    "CREATE ROLE mine{n} SUPERUSER",
    "CREATE ROLE mine{n} LOGIN IN ROLE consent_owner",
    "ALTER FUNCTION consent.now() OWNER TO {login}",
    "ALTER FUNCTION consent.current_school() RESET search_path",
    "CREATE OR REPLACE FUNCTION consent.now() RETURNS timestamptz LANGUAGE sql RETURN 'infinity'::timestamptz",
    "DROP FUNCTION consent.lock_school CASCADE",
    "ALTER SCHEMA consent RENAME TO mine",
    "DROP SCHEMA consent CASCADE",
    "DROP OWNED BY consent_owner",
    "REASSIGN OWNED BY consent_owner TO {login}",
    "CREATE FUNCTION public.now{n}() RETURNS timestamptz LANGUAGE sql SECURITY DEFINER RETURN now()",
    "CREATE OPERATOR public.= (LEFTARG = uuid, RIGHTARG = text, FUNCTION = starts_with)",
    "CREATE CAST (text AS uuid) WITH INOUT AS IMPLICIT",
    "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION consent.forbid()",
    "CREATE EXTENSION dblink",
    "CREATE LANGUAGE plperlu",
    "CREATE PUBLICATION mine FOR ALL TABLES",
    "CREATE SERVER mine FOREIGN DATA WRAPPER file_fdw",
    "ALTER DEFAULT PRIVILEGES FOR ROLE consent_owner GRANT ALL ON TABLES TO {login}",
    "ALTER DATABASE zgoda SET session_replication_role = replica",
    "ALTER SYSTEM SET session_preload_libraries = 'x'",
    "SECURITY LABEL ON TABLE {table} IS 'x'",
    "COMMENT ON TABLE {table} IS 'x'",
    "REINDEX TABLE {table}",
    "CLUSTER {table}",
    "VACUUM FULL {table}",
    "ANALYZE {table}",
    "REFRESH MATERIALIZED VIEW {table}",
    "LOAD '$libdir/auto_explain'",
    "CHECKPOINT",
    "UPDATE pg_proc SET prosrc = 'SELECT now()' WHERE proname = 'now'",
    "UPDATE pg_trigger SET tgenabled = 'D'",
    "SELECT * FROM pg_authid",
    "SELECT pg_read_file('postgresql.auto.conf')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT pg_reload_conf()",
    "SELECT pg_switch_wal()",
    "SELECT pg_export_snapshot()",
)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of schema consent with names and types of its arguments."""

    name: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    optional: int
    is_granted: bool


@dataclass(frozen=True, slots=True)
class Attacker:
    """Who tries. Logins that may lock a school in their own work leave no transaction open; see docs/trust.md."""

    case: str
    login: str
    own_role: str | None
    leaves_transactions_open: bool


class Grammar:
    """Statement after statement, the same ones for the same seed, attacker and world."""

    def __init__(
        self,
        chance: random.Random,
        attacker: Attacker,
        values: Literals,
        functions: list[Function],
        tables: list[str],
        roles: list[str],
    ) -> None:
        self.chance = chance
        self.attacker = attacker
        self.values = values
        self.functions = functions
        self.granted = [function for function in functions if function.is_granted]
        self.tables = [f"consent.{table}" for table in tables]
        self.diaries = [f'"{role}".diary' for role in roles]
        self.roles = roles
        self.n = 0

    def statement(self) -> str:
        self.n += 1
        kinds: list[tuple[int, Callable[[], str]]] = [
            (32, self._call),
            (26, self._read_or_write),
            (8, self._ddl),
            (8, self._setting),
            (5, self._become),
            (6, self._temporary),
            (8, self._lock),
            (5, self._notify),
            (4, self._prepared),
            (4, self._cursor),
            (4, self._block),
            (3, self._signal),
            (9 if self.attacker.leaves_transactions_open else 0, self._transaction),
        ]
        (make,) = self.chance.choices([make for _, make in kinds], [weight for weight, _ in kinds])
        return make()

    # -- the gate's functions

    def call(self) -> str:
        choices = self.granted if self.granted and self.chance.random() < 0.75 else self.functions
        function = self.chance.choice(choices)
        count = len(function.types) - self.chance.randint(0, function.optional)
        arguments = self.values.of_call(function.names[:count], function.types[:count])
        return f"consent.{function.name}({arguments})"

    def _call(self) -> str:
        call = self.call()
        forms = ("SELECT {}", "SELECT * FROM {}", "SELECT * FROM {}", "SELECT to_jsonb(x) FROM {} x")
        rarer = ("COPY (SELECT * FROM {}) TO STDOUT", "EXPLAIN ANALYZE SELECT {}", "SELECT count(*) FROM {}")
        return self.chance.choice((*forms, *forms, *rarer)).format(call)

    # -- tables

    def _table(self) -> str:
        if self.chance.random() < 0.75:
            return self.chance.choice(self.tables)
        return self.chance.choice([*self.diaries, "public.schools_school", "vendor.operators_operator", "pg_class"])

    def _read_or_write(self) -> str:
        table = self._table()
        uuid = self.values.of_type("uuid")
        reads = (
            f"SELECT * FROM {table}",
            f"SELECT * FROM {table} ORDER BY 1 DESC LIMIT 50",
            f"SELECT * FROM {table} FOR UPDATE",
            f"TABLE {table}",
            f"SELECT string_agg(t::text, '') FROM {table} t",
            f"COPY {table} TO STDOUT",
        )
        return self.chance.choice(
            (
                *reads,
                *reads,
                f"COPY {table} FROM '/etc/hostname'",
                f"COPY {table} TO PROGRAM 'cat'",
                f"DELETE FROM {table}",
                f"DELETE FROM {table} WHERE ctid = '(0,1)' RETURNING *",
                f"TRUNCATE {table}",
                f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1",
                f"INSERT INTO {table} DEFAULT VALUES",
                f"UPDATE {table} SET school_id = {uuid}",
                f"MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
                "UPDATE consent.envelope SET state = 'queued', class = 'school_service'",
                "UPDATE consent.contact SET verified_at = now(), version = version + 1",
                "UPDATE consent.subject SET is_adult = NOT is_adult",
                "DELETE FROM consent.suppression",
                "UPDATE consent.instruction SET revoked_at = NULL, revoked_by = NULL",
                "UPDATE consent.school SET stage = 'live'",
                f"INSERT INTO consent.suppression (school_id, reason, subject_id, made_at) "
                f"VALUES ({uuid}, 'stop', {self.values.of_type('uuid')}, now())",
            )
        )

    def _ddl(self) -> str:
        form = self.chance.choice(_DDL)
        if "ALTER ROLE {login} SET" in form and self.attacker.login == "app_school":
            form = "ALTER ROLE consent_owner SET search_path = pg_temp"
        return form.format(table=self.chance.choice(self.tables), login=self.attacker.login, n=self.n)

    # -- the session

    def _setting(self) -> str:
        setting = self.chance.choice(SETTINGS)
        name, _, value = setting.partition(" = ")
        forms = [f"SET {setting}", f"SET LOCAL {setting}", f"RESET {name}", f"SET SESSION {setting}"]
        forms.append(f"SELECT set_config({quoted(name)}, {quoted(value.strip(chr(39)))}, false)")
        return self.chance.choice(forms)

    def _become(self) -> str:
        """app_school may take any school's role by design, so it does not try that here; everybody else does."""
        names = [
            *(login for login in LOGINS if login != self.attacker.login),
            "consent_owner",
            "gate_school",
            "bootstrap",
        ]
        if self.attacker.login != "app_school":
            names += self.roles
        name = self.chance.choice(names)
        return self.chance.choice(
            (
                f'SET ROLE "{name}"',
                f'SET LOCAL ROLE "{name}"',
                f'SET SESSION AUTHORIZATION "{name}"',
                f"SELECT set_config('role', '{name}', false)",
            )
        )

    def _temporary(self) -> str:
        table = self.chance.choice(self.tables).removeprefix("consent.")
        return self.chance.choice(
            (
                f"CREATE TEMP TABLE {table} (school_id uuid, role_name text, stage text)",
                f"CREATE TEMP TABLE copy{self.n} AS SELECT * FROM {self.call()}",
                f"CREATE TEMP VIEW {table} AS SELECT 1 AS school_id",
                "CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql RETURN 'infinity'::timestamptz",
                "CREATE FUNCTION pg_temp.current_setting(text) RETURNS text LANGUAGE sql RETURN 'none'",
                "CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql RETURN ''::bytea",
                "CREATE TEMP SEQUENCE counter",
                "DISCARD TEMP",
            )
        )

    def _lock(self) -> str:
        mode = self.chance.choice(("ACCESS SHARE", "SHARE", "ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"))
        role = self.chance.choice(self.roles)
        return self.chance.choice(
            (
                f"LOCK TABLE {self._table()} IN {mode} MODE NOWAIT",
                "SELECT * FROM consent.school_lock FOR UPDATE NOWAIT",
                "SELECT * FROM public.schools_school FOR SHARE",
                "SELECT * FROM vendor.operators_operator FOR UPDATE",
                f"SELECT pg_try_advisory_lock(hashtext('{role}'))",
                f"SELECT pg_try_advisory_xact_lock(hashtextextended('{role}', 0))",
                "SELECT pg_try_advisory_lock(n) FROM generate_series(0, 300) n",
                "SELECT pg_try_advisory_lock_shared(n, n) FROM generate_series(0, 100) n",
            )
        )

    def _notify(self) -> str:
        return self.chance.choice(
            (
                "LISTEN anything",
                "UNLISTEN *",
                "NOTIFY anything, 'x'",
                "SELECT pg_notify('anything', repeat('x', 100) || n) FROM generate_series(1, 2000) n",
                "DO $$ BEGIN FOR i IN 1..500 LOOP PERFORM pg_notify('c' || i, i::text); END LOOP; END $$",
            )
        )

    def _prepared(self) -> str:
        return self.chance.choice(
            (f"PREPARE p{self.n % 5} AS SELECT * FROM {self.call()}", f"EXECUTE p{self.n % 5}", "DEALLOCATE ALL")
        )

    def _cursor(self) -> str:
        return self.chance.choice(
            (
                f"DECLARE c{self.n % 4} CURSOR WITH HOLD FOR SELECT * FROM {self.call()}",
                f"DECLARE c{self.n % 4} SCROLL CURSOR FOR SELECT * FROM pg_class, pg_proc",
                f"FETCH 5 FROM c{self.n % 4}",
                "CLOSE ALL",
            )
        )

    def _block(self) -> str:
        return self.chance.choice(
            (
                f"DO $$ BEGIN PERFORM * FROM {self.call()}; EXCEPTION WHEN OTHERS THEN PERFORM 1; END $$",
                f"DO $$ BEGIN FOR i IN 1..20 LOOP PERFORM * FROM {self.call()}; END LOOP; END $$",
                f"DO $$ BEGIN EXECUTE 'TRUNCATE {self.chance.choice(self.tables)}'; END $$",
                "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'ZG001'; END $$",
                "DO LANGUAGE sql $$ SELECT 1 $$",
            )
        )

    def _signal(self) -> str:
        """Sessions of one's own login may be ended by anybody who holds its password; others' may not."""
        act = self.chance.choice(("pg_cancel_backend", "pg_terminate_backend"))
        whose = "true" if self.attacker.case == "a school" else f"usename <> '{self.attacker.login}'"
        return (
            f"SELECT {act}(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND {whose} AND usename ~ '^app_'"
        )

    def _transaction(self) -> str:
        return self.chance.choice(
            (
                "BEGIN",
                "BEGIN ISOLATION LEVEL SERIALIZABLE",
                "BEGIN ISOLATION LEVEL REPEATABLE READ",
                "SAVEPOINT s",
                "ROLLBACK TO s",
                "RELEASE s",
                "COMMIT",
                "ROLLBACK",
                "COMMIT AND CHAIN",
            )
        )
