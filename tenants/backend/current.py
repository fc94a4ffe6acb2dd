"""Django's connection with the type that it has in the processes of a school: ours."""

from typing import TYPE_CHECKING, cast

from django.db import connection as django_connection

if TYPE_CHECKING:
    from tenants.backend.base import DatabaseWrapper

connection = cast("DatabaseWrapper", django_connection)
