"""The whole installation on one machine: messages from the queue to the mail sink, memory of all processes, pages."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from benchmarks.pages import measure_pages
from benchmarks.report import Table, met
from local.mailbox import Mailbox
from local.places import temporary_state
from local.ports import require_free_ports
from local.prepare import SCHOOLS, prepare
from local.processes import Processes
from local.services import SERVICES, programs
from local.story_acts import Stage, wait_for

MOST_MEMORY = 1.5 * 2**30


def measure() -> list[Table]:
    require_free_ports()
    with temporary_state() as state:
        prepare(state, lambda _title: None)
        with Processes(state, programs()) as processes:
            processes.wait_until_ready()
            stage = Stage(state)
            return [_end_to_end(stage, Mailbox(state / "mail")), _memory(), *measure_pages(stage)]


def _end_to_end(stage: Stage, mailbox: Mailbox) -> Table:
    """Codes for every guardian with an address wait; then the dispatcher claims, takes, sends and completes them."""
    with _stopped(_dispatcher()):
        waiting = sum(stage.act("school", "request_codes", school.subdomain, "guardian")["asked"] for school in SCHOOLS)
    wait_for("The last mail", lambda: True if len(mailbox.names()) >= waiting else None)
    times = sorted(mail.received_at for mail in mailbox.mails())
    seconds = (times[-1] - times[0]).total_seconds()
    return Table(
        "End to end: claim, take, send over SMTP, complete",
        ("dispatchers", "messages", "seconds", "messages a second"),
        [(1, waiting, seconds, waiting / seconds)],
        ["Real SMTP to the sink, which writes each mail to a file; from the first mail's arrival to the last one's."],
    )


def _dispatcher() -> psutil.Process:
    (found,) = [child for child in psutil.Process().children(recursive=True) if "dispatcher" in child.cmdline()]
    return found


@contextmanager
def _stopped(process: psutil.Process) -> Iterator[None]:
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def _memory() -> Table:
    """Proportional set size: what several processes share is divided among them, so the sum is what is really used."""
    sizes = [child.memory_full_info().pss for child in psutil.Process().children(recursive=True)]
    total = sum(sizes)
    return Table(
        "Memory of the whole demo after these messages",
        ("services", "processes", "PSS in MiB", "goal"),
        [(len(SERVICES), len(sizes), total / 2**20, f"under 1,536: {met(total < MOST_MEMORY)}")],
    )
