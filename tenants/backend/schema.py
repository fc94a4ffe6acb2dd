from typing import Any

from django.db.backends.postgresql.schema import DatabaseSchemaEditor as PostgresSchemaEditor
from django.db.models import Field, Model


class DatabaseSchemaEditor(PostgresSchemaEditor):
    def _create_like_index_sql(self, model: type[Model], field: "Field[Any, Any]") -> None:
        """No second index for LIKE 'x%' on unique texts: nobody searches ids so, and it would lie in every school."""
        return
