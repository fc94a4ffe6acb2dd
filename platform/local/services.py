"""What runs together on one machine, and how each of it is started: python -m local.services NAME."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from local import valkey
from local.environment import (
    MAIL_PAGE_PORT,
    PUBLIC_PORT,
    SCHOOL_PORT,
    SMTP_PORT,
    VENDOR_PORT,
    broker_socket,
    environment_for,
)
from local.places import ROOT
from local.postgres import Cluster
from local.processes import MANAGER, Program
from local.run import chosen_state, command_of
from local.tether import die_with_parent

_WAIT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Service:
    """One long-running process. A service without a kind of process is a server of somebody else's making."""

    title: str
    process: str | None = None
    command: tuple[str, ...] = ()
    become: Callable[[Path], None] | None = None
    ports: tuple[int, ...] = ()
    # PostgreSQL's "fast" shutdown is SIGINT: sessions end, everything committed stays.
    stop_signal: str = "TERM"
    answers_at: str | None = None


def _web(title: str, process: str, port: int, threads: int) -> Service:
    # WSGI and one process: the school lives on the thread's connection (docs: scale, rule 3).
    command: tuple[str, ...] = (
        "python",
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    )
    command += ("--blocking-threads", str(threads), "--log-level", "warning", "config.wsgi:application")
    return Service(title, process, command, ports=(port,), answers_at=f"http://127.0.0.1:{port}/health")


def _celery(title: str, process: str, *, pool: str) -> Service:
    command: tuple[str, ...] = (
        "python",
        "-m",
        "celery",
        "--app",
        "config.celery",
        "--quiet",
        "worker",
        "--queues",
        process,
    )
    command += ("--concurrency", "1", "--pool", pool, "--without-gossip", "--without-mingle", "--loglevel", "warning")
    return Service(title, process, command)


SERVERS = {
    "postgres": Service("PostgreSQL", become=lambda state: Cluster(state).become_server(), stop_signal="INT"),
    "valkey": Service("Valkey", become=valkey.become_server),
    "mail": Service(
        "mail sink",
        command=("python", "-m", "local.mail_sink"),
        ports=(SMTP_PORT, MAIL_PAGE_PORT),
        answers_at=f"http://127.0.0.1:{MAIL_PAGE_PORT}/messages.json",
    ),
}
APPLICATIONS = {
    "school-web": _web("school web", "school", SCHOOL_PORT, threads=4),
    "vendor-console": _web("vendor console", "vendor", VENDOR_PORT, threads=2),
    "public-site": _web("public site", "public", PUBLIC_PORT, threads=2),
    "school-worker": _celery("school worker", "school", pool="prefork"),
    "provisioner": _celery("provisioner", "provision", pool="prefork"),
    "keeper": Service("keeper", "keeper", ("manage.py", "keeper")),
    "dispatcher": Service("dispatcher", "dispatch", ("manage.py", "dispatcher")),
}
SERVICES = SERVERS | APPLICATIONS


def programs() -> dict[str, dict[str, Program]]:
    """What the process manager is to run: servers first, applications last."""
    return {"servers": _programs(SERVERS), "applications": _programs(APPLICATIONS)}


def _programs(services: dict[str, Service]) -> dict[str, Program]:
    return {
        name: Program(
            service.title,
            (sys.executable, "-m", "local.services", name),
            stop_signal=service.stop_signal,
            answers_at=service.answers_at,
        )
        for name, service in services.items()
    }


class PortTaken(RuntimeError):
    """Somebody else listens where one of our services must."""


def require_free_ports(services: Iterable[Service] = tuple(SERVICES.values())) -> None:
    """Say at once, and in plain words, which port is taken and by whom."""
    listening = {
        connection.laddr.port: connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr
    }
    for service in services:
        for port in service.ports:
            if port in listening:
                raise PortTaken(
                    f"Port {port}, which the {service.title} needs, is taken by {_name_of(listening[port])}. "
                    "Stop that program and try again."
                )


def _name_of(pid: int | None) -> str:
    if pid is None:
        return "another user's program"
    try:
        return f"{psutil.Process(pid).name()} (process {pid})"
    except psutil.Error:
        return f"process {pid}"


def _wait_for_servers(state: Path) -> None:
    """Applications start together with the servers, so they wait here instead of failing in their own words."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while not (Cluster(state).is_running() and broker_socket(state).exists()):
        if time.monotonic() > deadline:
            sys.exit(f"PostgreSQL or Valkey did not answer within {_WAIT_SECONDS} seconds.")
        time.sleep(0.05)


def main(name: str) -> None:
    """Become the service: this process is replaced, so the process manager is the parent of the real thing."""
    state = chosen_state()
    service = SERVICES[name]
    # The tie outlives exec. Should the manager be killed with -9, the service ends too.
    die_with_parent(signal.SIGTERM)
    if os.getppid() != int(os.environ.get(MANAGER, os.getppid())):
        sys.exit("The process manager ended before this process began.")
    if service.become is not None:
        service.become(state)
    if service.process is None:
        environment = os.environ | {"ZGODA_STATE": str(state)}
    else:
        _wait_for_servers(state)
        environment = environment_for(service.process, state)
    os.chdir(ROOT)
    command = command_of(list(service.command))
    os.execvpe(command[0], command, environment)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1])
