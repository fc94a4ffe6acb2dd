"""Starts and stops everything together, with Supervisor as a library (why: docs/decisions/0001-process-manager.md).

Supervisor runs as a child process of ours: python -m local.processes. When one of its processes ends that nobody asked
to end, it notes which and why, and stops all the others, the group that was started last first.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Self
from xmlrpc.client import Fault, ServerProxy

from supervisor import events
from supervisor.options import ServerOptions, decode_wait_status
from supervisor.states import ProcessStates, SupervisorStates
from supervisor.supervisord import Supervisor, asyncore
from supervisor.xmlrpc import SupervisorTransport

from local.places import socket_folder
from local.run import chosen_state
from local.services import Program
from local.tether import MANAGER, tethered, unstoppable

STOP_SECONDS = 15
_LINES_SHOWN = 15
_LOOK_EVERY = 0.1
_ASK_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Ended:
    """Which process ended by itself, and how."""

    name: str
    reason: str


class ProcessFailed(RuntimeError):
    """One of our processes ended by itself. The message says which one, why, and the last it had to say."""


class _Options(ServerOptions):  # type: ignore[misc]
    """Remembers how a child ended: Supervisor itself keeps that for its log only."""

    endings: dict[int, str]

    def waitpid(self) -> tuple[int | None, int | None]:
        pid, status = super().waitpid()
        if pid:
            self.endings[pid] = decode_wait_status(status)[1]
        return pid, status


class _AllOrNothing(Supervisor):  # type: ignore[misc]
    """A Supervisor that stops as a whole as soon as one process ends by itself."""

    def __init__(self, options: _Options, note: Path) -> None:
        super().__init__(options)
        self.note = note
        self.asks_again_at = 0.0

    def runforever(self) -> None:
        events.subscribe(events.ProcessStateExitedEvent, self.stop_everything)
        events.subscribe(events.ProcessStateFatalEvent, self.stop_everything)
        events.subscribe(events.ProcessStateStoppedEvent, self.sweep)
        # Supervisor looks after its children once a second; a person at a terminal waits for each of those looks.
        poll = self.options.poller.poll
        self.options.poller.poll = lambda _seconds: poll(_LOOK_EVERY)
        super().runforever()

    def sweep(self, event: Any) -> None:
        """End what a process left behind when it stopped, for instance granian's or Celery's children."""
        pid = dict(event.extra_values).get("pid", 0)
        if pid:
            _kill_group(pid)

    def ordered_stop_groups_phase_1(self) -> None:
        """Ask again every second: a process that is just being forked, or granian while it starts, misses a signal."""
        super().ordered_stop_groups_phase_1()
        if not self.stop_groups or time.monotonic() < self.asks_again_at:
            return
        self.asks_again_at = time.monotonic() + _ASK_AGAIN_SECONDS
        for process in self.stop_groups[-1].processes.values():
            if process.get_state() == ProcessStates.STOPPING and process.pid:
                self.options.kill(process.pid, process.config.stopsignal)

    def stop_everything(self, event: Any) -> None:
        pid = dict(event.extra_values).get("pid", 0)
        self.sweep(event)
        if self.options.mood < SupervisorStates.RUNNING:
            return
        reason = self.options.endings.get(pid) or event.process.spawnerr or "could not be started"
        self.note.write_text(json.dumps(asdict(Ended(event.process.config.name, str(reason)))))
        self.options.mood = SupervisorStates.SHUTDOWN


class Processes:
    """Groups of programs, started in their order and stopped in the opposite one. The names of programs are unique."""

    def __init__(self, state: Path, groups: Mapping[str, Mapping[str, Program]]) -> None:
        self.state = state
        self.groups = groups
        self._programs = {name: program for group in groups.values() for name, program in group.items()}
        self._run = state / "run"
        self._note = self._run / "ended.json"
        self._socket = socket_folder(state, "run") / "supervisor.sock"
        self._supervisor: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        for folder in (self._run, self.state / "logs", self._socket.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._note.unlink(missing_ok=True)
        (self._run / "supervisord.conf").write_text(self._configuration())
        with (self._run / "supervisord.out").open("wb") as output, unstoppable():
            self._supervisor = subprocess.Popen(
                [sys.executable, "-m", "local.processes"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | {"ZGODA_STATE": str(self.state)},
                # Ctrl-C must reach us only: we stop Supervisor, and it stops the rest in the right order.
                start_new_session=True,
                preexec_fn=tethered(signal.SIGTERM),
            )

    def stop(self) -> None:
        """Stop everything and wait until it is gone."""
        if self._supervisor is None:
            return
        self._supervisor.terminate()
        try:
            self._supervisor.wait(2 * STOP_SECONDS + 5)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()
        self._supervisor = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Wait until every program that can be asked answers."""
        deadline = time.monotonic() + seconds
        for program in self._programs.values():
            while program.answers_at and not _answers(program.answers_at):
                self.require_running()
                if time.monotonic() > deadline:
                    raise ProcessFailed(f"The {program.title} does not answer at {program.answers_at}.")
                time.sleep(0.05)
        self.require_running()

    def wait(self) -> None:
        """Serve until something ends by itself."""
        if self._supervisor is not None:
            self._supervisor.wait()
        self.require_running()

    def require_running(self) -> None:
        if self._supervisor is None or self._supervisor.poll() is not None:
            raise ProcessFailed(self._why())

    @contextmanager
    def failing_loudly(self) -> Iterator[None]:
        """Inside this block, a process that ends by itself interrupts what we are doing at once."""

        def look(_signal: int, _frame: FrameType | None) -> None:
            self.require_running()

        before = signal.signal(signal.SIGCHLD, look)
        try:
            yield
        finally:
            signal.signal(signal.SIGCHLD, before)

    def restart(self, name: str) -> None:
        """Stop one program, on purpose, and start it again with the environment that it has by now."""
        self.stop_one(name)
        self.start_one(name)

    def stop_one(self, name: str) -> None:
        with self._control() as control:
            control.supervisor.stopProcess(self._full_name(name))

    def start_one(self, name: str) -> None:
        with self._control() as control:
            control.supervisor.startProcess(self._full_name(name))

    def pids(self) -> dict[str, int]:
        """The process id of each running program."""
        with self._control() as control:
            found: Any = control.supervisor.getAllProcessInfo()
        return {process["name"]: process["pid"] for process in found if process["pid"]}

    def _full_name(self, name: str) -> str:
        (group,) = (group for group, programs in self.groups.items() if name in programs)
        return f"{group}:{name}"

    @contextmanager
    def _control(self) -> Iterator[ServerProxy]:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        try:
            with ServerProxy("http://localhost", transport=transport) as control:
                yield control
        except Fault as fault:
            raise ProcessFailed(f"Supervisor refused: {fault.faultString}") from fault

    def _why(self) -> str:
        if not self._note.exists():
            output = self._run / "supervisord.out"
            return f"The process manager ended. {output.read_text(errors='replace')[-2000:] if output.exists() else ''}"
        ended = Ended(**json.loads(self._note.read_text()))
        log = self.state / "logs" / f"{ended.name}.log"
        lines = log.read_text(errors="replace").splitlines()[-_LINES_SHOWN:] if log.exists() else []
        told = "".join(f"\n    {line}" for line in lines)
        return f"The {self._programs[ended.name].title} ended by itself ({ended.reason}). The end of {log}:{told}"

    def _configuration(self) -> str:
        sections = [
            "[supervisord]\nnodaemon=true\nsilent=true\numask=077\nnocleanup=true\n"
            f"logfile={_quote(self._run / 'supervisord.log')}\npidfile={_quote(self._run / 'supervisord.pid')}\n"
            f"directory={_quote(self._run)}\n" + ("user=root\n" if os.geteuid() == 0 else ""),
            f"[unix_http_server]\nfile={_quote(self._socket)}\nchmod=0700\n",
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n",
        ]
        # Groups are started by rising priority and stopped by falling priority, each as a whole.
        for priority, (group, programs) in enumerate(self.groups.items(), start=1):
            sections.append(f"[group:{group}]\nprograms={','.join(programs)}\npriority={priority}\n")
            sections.extend(self._program(name, program) for name, program in programs.items())
        return "\n".join(sections)

    def _program(self, name: str, program: Program) -> str:
        command = shlex.join(program.command).replace("%", "%%")
        return (
            f"[program:{name}]\ncommand={command}\nautorestart=false\nstartsecs=0\nstartretries=0\n"
            f"stopsignal={program.stop_signal}\nstopwaitsecs={STOP_SECONDS}\nkillasgroup=true\n"
            f"redirect_stderr=true\nstdout_logfile={_quote(self.state / 'logs' / f'{name}.log')}\n"
            "stdout_logfile_maxbytes=10MB\nstdout_logfile_backups=1\n"
        )


def _quote(path: Path) -> str:
    return str(path).replace("%", "%%")


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def main(state: Path) -> None:
    """Be the process manager."""
    options = _Options()
    options.endings = {}
    options.realize(["-c", str(state / "run" / "supervisord.conf")])
    options.first = True
    os.environ[MANAGER] = str(os.getpid())
    options.test = False
    try:
        _AllOrNothing(options, state / "run" / "ended.json").main()
    except asyncore.ExitNow:
        return


if __name__ == "__main__":
    main(chosen_state())
