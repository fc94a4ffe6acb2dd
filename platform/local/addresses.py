"""Where the local database and the broker answer. Light, because every process that is started reads it first."""

import socket
import struct
from pathlib import Path

from local.keys import BROKER_USERS, SUPERUSER, keys_of
from local.places import socket_folder

POSTGRES_PORT = 5432
_PROTOCOL = 196_608  # version 3.0


def postgres_folder(state: Path) -> Path:
    """The folder of PostgreSQL's socket: what libpq takes for a host."""
    return socket_folder(state, "socket")


def postgres_conninfo(login: str, dbname: str, state: Path) -> str:
    """A libpq connection string."""
    values = {
        "host": str(postgres_folder(state)),
        "port": str(POSTGRES_PORT),
        "user": login,
        "password": keys_of(state).password_of(login),
        "dbname": dbname,
    }
    return " ".join(f"{name}={_quoted(value)}" for name, value in values.items())


def postgres_answers(state: Path) -> bool:
    """Whether the server takes logins by now: it then asks for a password, and while starting up it refuses."""
    hello = struct.pack("!I", _PROTOCOL) + f"user\0{SUPERUSER}\0database\0postgres\0\0".encode()
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(postgres_folder(state) / f".s.PGSQL.{POSTGRES_PORT}"))
            client.sendall(struct.pack("!I", len(hello) + 4) + hello)
            return client.recv(1) == b"R"
    except OSError:
        return False


def broker_socket(state: Path) -> Path:
    return socket_folder(state, "valkey") / "valkey.sock"


def broker_url(user: str, state: Path) -> str:
    """A Celery broker URL. The user may only touch keys and channels that begin with its own name and a colon."""
    if user not in BROKER_USERS:
        raise KeyError(f"The broker has no user {user}.")
    # The password is made of letters, digits, - and _, which a URL takes as they are.
    return f"redis+socket://{user}:{keys_of(state).broker_password_of(user)}@{broker_socket(state)}"


def broker_answers(state: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(broker_socket(state)))
            return True
    except OSError:
        return False


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
