"""How far a job is. Told on a connection of its own, because what its transaction writes nobody sees before the end."""

from types import TracebackType
from typing import Self
from uuid import UUID

from tenants.backend.current import connection

# Seven or eight files, the comparison, and writing classes, people, families and enrolments.
STAGES = 13


class Progress:
    """A step (roster.bundle.Step). The job's own transaction must not hold the import's row while it works."""

    def __init__(self, import_id: UUID) -> None:
        self._import_id = import_id
        self._connection = connection.copy()
        self._connection.set_tenant(connection.tenant)

    def __enter__(self) -> Self:
        self._tell("", "done = 0, total = %s", STAGES)
        return self

    def __call__(self, stage: str, records: int) -> None:
        self._tell(f"{stage} ({records})" if records else stage, "done = least(done + %s, total)", 1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()

    def _tell(self, stage: str, done: str, number: int) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE onboarding_rosterimport SET stage = %s, {done}, moved_at = now() WHERE id = %s",  # noqa: S608
                [stage[:120], number, self._import_id],
            )
