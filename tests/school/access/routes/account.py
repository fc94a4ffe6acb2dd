"""The person's own account."""

from tests.school.access.routes.cast import Routes

ROUTES: Routes = {"session-end": lambda _cast: {"session_id": "0" * 32}}
