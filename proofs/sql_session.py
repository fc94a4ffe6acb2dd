"""One session of an attacker: runs whatever it is given, keeps what was shown, and never hangs."""

import threading
from dataclasses import dataclass, field

import psycopg
from psycopg.pq import TransactionStatus

from tests.attack.world import Gate

# The attacker may lift both; then the watch below cancels.
_PATIENCE = "-c statement_timeout=1500ms -c lock_timeout=300ms"
_WATCH_SECONDS = 2.5
# What a session adds by itself to the statements it is given.
KEPT = ("SAVEPOINT kept", "ROLLBACK TO kept", "ROLLBACK")
_ENDS = ("ROLLBACK", "COMMIT")


@dataclass(slots=True)
class Session:
    gate: Gate
    login: str
    role: str | None
    statements: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    connection: psycopg.Connection | None = None

    def run_all(self, statements: list[str]) -> None:
        for statement in statements:
            self.run(statement)

    def run(self, statement: str) -> None:
        """Run one statement; whatever comes back, also in a refusal, has been shown."""
        connection = self._connected()
        if not statement.startswith(_ENDS):
            self._keep_what_is_held(connection)
        self.statements.append(statement)
        watch = threading.Timer(_WATCH_SECONDS, connection.cancel)
        watch.start()
        try:
            self.shown.append(self._show(connection, statement))
            self.accepted.append(statement)
        except psycopg.Error as error:
            self.shown.append(f"{error} {error.diag.message_detail} {error.diag.context}")
        finally:
            watch.cancel()

    def _keep_what_is_held(self, connection: psycopg.Connection) -> None:
        """A refusal would end the transaction and let its locks go; a savepoint keeps them."""
        if connection.info.transaction_status == TransactionStatus.INERROR:
            self._add(connection, KEPT[1])
        if connection.info.transaction_status == TransactionStatus.INERROR:
            self._add(connection, KEPT[2])  # its savepoint is gone, too
        if connection.info.transaction_status == TransactionStatus.INTRANS:
            self._add(connection, KEPT[0])

    def _add(self, connection: psycopg.Connection, statement: str) -> None:
        self.statements.append(statement)
        try:
            connection.execute(statement.encode())
        except psycopg.Error as error:
            self.shown.append(str(error))

    def end(self, how: str) -> None:
        """COMMIT or ROLLBACK what is open, and go."""
        if self.connection is not None and not self.connection.closed:
            try:
                self.connection.execute(how.encode())
            except psycopg.Error as error:
                self.shown.append(str(error))
            self.connection.close()

    def _connected(self) -> psycopg.Connection:
        if self.connection is None or self.connection.closed:
            self.connection = psycopg.connect(
                self.gate.cluster.conninfo(self.login), autocommit=True, options=_PATIENCE
            )
            self.connection.add_notice_handler(lambda notice: self.shown.append(str(notice.message_primary)))
            if self.role:
                self.connection.execute(f'SET ROLE "{self.role}"'.encode())
        return self.connection

    @staticmethod
    def _show(connection: psycopg.Connection, statement: str) -> str:
        """Raw values as the server sends them: no type of the driver stands between."""
        with connection.cursor() as cursor:
            if statement.endswith("TO STDOUT"):
                with cursor.copy(statement.encode()) as copy:
                    return b"".join(bytes(part) for part in copy).decode(errors="replace")
            cursor.execute(statement.encode())
            result = cursor.pgresult
            if result is None:
                return ""
            values = (
                result.get_value(row, column) for row in range(result.ntuples) for column in range(result.nfields)
            )
            return " ".join(value.decode(errors="replace") for value in values if value is not None)
