import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import kombu
import pytest
import redis

from local import valkey
from local.addresses import broker_socket, broker_url
from local.keys import keys_of


class Server:
    """A Valkey of our own, which can be killed and started again."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(valkey.prepare(self.state), stdout=subprocess.DEVNULL)
        for _ in range(100):
            try:
                if self.client("school").ping():
                    return
            except redis.ConnectionError:
                time.sleep(0.05)
        raise AssertionError("Valkey did not start")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def client(self, user: str, password: str | None = None) -> redis.Redis:
        secret = keys_of(self.state).broker_password_of(user) if password is None else password
        path = str(broker_socket(self.state))
        return redis.Redis(unix_socket_path=path, username=user, password=secret, decode_responses=True)


@pytest.fixture
def server(state: Path) -> Iterator[Server]:
    running = Server(state)
    running.start()
    yield running
    running.kill()


def test_nobody_gets_in_without_a_password(server: Server) -> None:
    with pytest.raises(redis.exceptions.AuthenticationError):
        redis.Redis(unix_socket_path=str(broker_socket(server.state))).ping()
    with pytest.raises(redis.exceptions.AuthenticationError):
        server.client("school", "wrong").ping()


@pytest.mark.parametrize(("user", "other"), [("school", "provision"), ("provision", "school")])
def test_a_queue_is_closed_to_the_other_queues_user(server: Server, user: str, other: str) -> None:
    server.client(other).lpush(f"{other}:{other}", "task")

    with pytest.raises(redis.exceptions.NoPermissionError):
        server.client(user).lpush(f"{other}:{other}", "forged")
    with pytest.raises(redis.exceptions.NoPermissionError):
        server.client(user).rpop(f"{other}:{other}")
    with pytest.raises(redis.exceptions.NoPermissionError):
        server.client(user).publish(f"{other}:news", "forged")

    assert server.client(other).lrange(f"{other}:{other}", 0, -1) == ["task"]


@pytest.mark.parametrize("command", ["FLUSHALL", "CONFIG GET *", "ACL LIST", "KEYS *", "SHUTDOWN", "MONITOR"])
def test_a_queues_user_rules_nothing(server: Server, command: str) -> None:
    with pytest.raises(redis.exceptions.NoPermissionError):
        server.client("school").execute_command(*command.split())  # type: ignore[no-untyped-call]


def test_a_task_survives_the_death_of_the_server(server: Server) -> None:
    options = {"global_keyprefix": "school:"}
    with kombu.Connection(broker_url("school", server.state), transport_options=options) as connection:
        connection.SimpleQueue("school").put({"id": 1})

    server.kill()
    server.start()

    with kombu.Connection(broker_url("school", server.state), transport_options=options) as connection:
        message = connection.SimpleQueue("school").get(timeout=5)
        message.ack()
    assert message.payload == {"id": 1}


def test_the_socket_and_the_users_are_closed_to_other_accounts(server: Server) -> None:
    assert broker_socket(server.state).stat().st_mode & 0o077 == 0
    assert (server.state / "valkey" / "users.acl").stat().st_mode & 0o077 == 0
