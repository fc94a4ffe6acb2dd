"""A schema as PostgreSQL's catalogue describes it, without the schema's own name in it."""

from typing import Any

from django.db import connection

_QUERIES = {
    "tables": """
        SELECT relname, relkind, relpersistence, relrowsecurity, pg_get_userbyid(relowner), reltoastrelid <> 0
        FROM pg_class WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r', 'S', 'v', 'm', 'p', 'f')""",
    "columns": """
        SELECT relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
               attstorage, attcollation::regcollation::text, pg_get_expr(adbin, adrelid)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = %(schema)s::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped""",
    "indexes": """
        SELECT relname, pg_get_indexdef(indexrelid), indisvalid
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = %(schema)s::regnamespace""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype, condeferrable, condeferred, convalidated,
               pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = %(schema)s::regnamespace""",
    "triggers": """
        SELECT relname, tgname, pg_get_triggerdef(pg_trigger.oid)
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace = %(schema)s::regnamespace AND NOT tgisinternal""",
    "functions": "SELECT proname FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace",
    "types": """
        SELECT typname FROM pg_type WHERE typnamespace = %(schema)s::regnamespace AND typtype IN ('e', 'd', 'r')""",
}


def catalogue_of(schema: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that can differ between two schemas, sorted, with the schema's name taken out."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        for name, query in _QUERIES.items():
            cursor.execute(query, {"schema": schema})
            rows = [
                tuple(value.replace(schema, "…") if isinstance(value, str) else value for value in row)
                for row in cursor.fetchall()
            ]
            found[name] = sorted(rows, key=repr)
    return found
