"""What runs together on one machine, and how each of it is started: python -m local.services NAME."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from local.addresses import broker_answers, postgres_answers
from local.environment import (
    MAIL_PAGE_PORT,
    PUBLIC_PORT,
    SCHOOL_PORT,
    SMS_PORT,
    SMTP_PORT,
    VENDOR_PORT,
    environment_for,
)
from local.places import ROOT
from local.run import chosen_state, command_of
from local.tether import end_with_manager

_WAIT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Program:
    """One process for the process manager: how to start it, how to ask it to stop, and whether it answers."""

    title: str
    command: tuple[str, ...]
    stop_signal: str = "TERM"
    answers_at: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """One long-running part. With a kind of process it runs our code in that process's environment."""

    title: str
    command: tuple[str, ...] = ()
    process: str | None = None
    ports: tuple[int, ...] = ()
    # PostgreSQL's "fast" shutdown is SIGINT: sessions end, everything committed stays.
    stop_signal: str = "TERM"
    answers_at: str | None = None


def _web(title: str, process: str, port: int, *, threads: int) -> Service:
    # WSGI and one process: the school lives on the thread's connection (docs: scale, rule 3).
    serve = f"python -m granian --interface wsgi --host 127.0.0.1 --port {port} --blocking-threads {threads}"
    # A worker that is still importing when it is asked to end never hears of it.
    command = f"{serve} --workers-kill-timeout 3 --log-level warning config.wsgi:application"
    address = f"http://127.0.0.1:{port}/health"
    return Service(title, tuple(command.split()), process, ports=(port,), answers_at=address)


def _celery(title: str, process: str) -> Service:
    work = f"python -m celery --app config.celery --quiet worker --queues {process} --concurrency 1 --pool prefork"
    command = f"{work} --without-gossip --without-mingle --loglevel warning"
    return Service(title, tuple(command.split()), process)


SERVERS = {
    "postgres": Service("PostgreSQL", ("python", "-m", "local.postgres"), stop_signal="INT"),
    "valkey": Service("Valkey", ("python", "-m", "local.valkey")),
    "mail": Service(
        "mail sink",
        ("python", "-m", "local.mail_sink"),
        ports=(SMTP_PORT, MAIL_PAGE_PORT),
        answers_at=f"http://127.0.0.1:{MAIL_PAGE_PORT}/messages.json",
    ),
    "sms": Service(
        "SMS gateway",
        ("python", "-m", "local.sms_gateway"),
        ports=(SMS_PORT,),
        answers_at=f"http://127.0.0.1:{SMS_PORT}/messages.json",
    ),
}
APPLICATIONS = {
    "school-web": _web("school web", "school", SCHOOL_PORT, threads=4),
    "vendor-console": _web("vendor console", "vendor", VENDOR_PORT, threads=2),
    "public-site": _web("public site", "public", PUBLIC_PORT, threads=2),
    "school-worker": _celery("school worker", "school"),
    "provisioner": _celery("provisioner", "provision"),
    "keeper": Service("keeper", ("manage.py", "keeper"), "keeper"),
    "dispatcher": Service("dispatcher", ("manage.py", "dispatcher"), "dispatch"),
}
SERVICES = SERVERS | APPLICATIONS


def programs() -> dict[str, dict[str, Program]]:
    """What the process manager is to run: servers first, applications last."""
    return {"servers": _programs(SERVERS), "applications": _programs(APPLICATIONS)}


def _programs(services: dict[str, Service]) -> dict[str, Program]:
    return {
        name: Program(
            service.title,
            # Our own code starts through this module, which gives it its environment and becomes it.
            (sys.executable, "-m", "local.services", name) if service.process else tuple(command_of(service.command)),
            stop_signal=service.stop_signal,
            answers_at=service.answers_at,
        )
        for name, service in services.items()
    }


def _wait_for_servers(state: Path) -> None:
    """Applications start together with the servers, so they wait here instead of failing in their own words."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while not (postgres_answers(state) and broker_answers(state)):
        if time.monotonic() > deadline:
            sys.exit(f"PostgreSQL or Valkey did not answer within {_WAIT_SECONDS} seconds.")
        time.sleep(0.05)


def main(name: str) -> None:
    """Become the service: this process is replaced, so the process manager is the parent of the real thing."""
    service = SERVICES[name]
    state = chosen_state()
    if service.process is None:
        sys.exit(f"The {service.title} is started by {' '.join(service.command)}.")
    end_with_manager()
    _wait_for_servers(state)
    os.chdir(ROOT)
    command = command_of(service.command)
    os.execvpe(command[0], command, environment_for(service.process, state))  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1])
