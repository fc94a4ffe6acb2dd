"""A school's schema as prepared SQL: rendered from the migrations, once per state of the migration graph."""

import hashlib
import inspect
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython
from django.db.migrations.state import ProjectState

from tenants.schemas import Schema, schema_of_label


class NotPlainSql(RuntimeError):
    """A migration of a school's apps does something that cannot be written down as SQL."""


@dataclass(frozen=True, slots=True)
class Script:
    """SQL without schema names, to run with the new schema alone in the search path.

    `migrations` are all that `migrate` would enter as applied there, those of other schemas' apps included.
    """

    graph_hash: str
    migrations: tuple[tuple[str, str], ...]
    sql: str


def school_script() -> Script:
    """The script for the migrations as they are now. Call it inside a school: only there the router admits them."""
    loader = MigrationLoader(None)
    return _rendered(_graph_hash(_plan(loader)))


@cache
def _rendered(graph_hash: str) -> Script:
    # A loader without a connection believes that nothing is applied: what a new school's schema is.
    loader = MigrationLoader(None, replace_migrations=False)
    everything = _plan(loader)
    plan = [migration for migration in everything if schema_of_label(migration.app_label) is Schema.SCHOOL]
    for migration in plan:
        if any(isinstance(operation, RunPython) for operation in migration.operations):
            raise NotPlainSql(
                f"{migration} runs Python; write it as SQL, so that schools can be provisioned by script."
            )
    statements: list[str] = []
    state: ProjectState = loader.project_state([], at_end=False)
    for migration in plan:
        with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
            state = migration.apply(state, editor, collect_sql=True)
        statements.extend(editor.collected_sql or ())
    return Script(
        graph_hash=graph_hash,
        migrations=tuple((migration.app_label, migration.name) for migration in everything),
        sql="\n".join(line for line in statements if not line.startswith("--")),
    )


def _plan(loader: MigrationLoader) -> list[Migration]:
    """Every migration, in the order in which `migrate` runs them."""
    keys: list[tuple[str, str]] = []
    for leaf in sorted(loader.graph.leaf_nodes()):
        keys.extend(key for key in loader.graph.forwards_plan(leaf) if key not in keys)
    return [loader.graph.nodes[key] for key in keys]


def _graph_hash(plan: list[Migration]) -> str:
    """Changes whenever a migration is added, removed, reordered or edited."""
    digest = hashlib.sha256(settings.AUTH_USER_MODEL.encode())
    for migration in plan:
        source = inspect.getfile(type(migration))
        digest.update(f"{migration.app_label}.{migration.name}\0".encode())
        digest.update(hashlib.sha256(Path(source).read_bytes()).digest())
    return digest.hexdigest()
