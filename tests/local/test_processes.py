import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from local.postgres import Cluster
from local.processes import Processes, ProcessFailed
from local.services import Program, programs

_POLITE = Path(__file__).with_name("polite.py")


def polite(name: str, log: Path) -> Program:
    return Program(f"polite {name}", (sys.executable, str(_POLITE), name, str(log)))


def failing(message: str, status: int, after: float = 0.0) -> Program:
    code = f"import sys, time; time.sleep({after}); print({message!r}, flush=True); sys.exit({status})"
    return Program("failing one", (sys.executable, "-c", code))


def wait_for(condition: object, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)


def running(processes: Processes, *names: str) -> dict[str, psutil.Process]:
    """The processes by name, once each of them has said that it runs (it can be asked to end from then on)."""
    logs = [processes.state / "logs" / f"{name}.log" for name in names]
    wait_for(lambda: all(log.exists() and "runs" in log.read_text() for log in logs))
    return {name: psutil.Process(pid) for name, pid in processes.pids().items()}


def all_ended(found: dict[str, psutil.Process], seconds: float = 10) -> bool:
    _, alive = psutil.wait_procs(list(found.values()), timeout=seconds)
    return not alive


def test_stopping_ends_the_last_group_first_and_leaves_nothing(state: Path) -> None:
    log = state / "order"
    groups = {"servers": {"server": polite("server", log)}, "users": {"user": polite("user", log)}}
    with Processes(state, groups) as processes:
        found = running(processes, "server", "user")

    assert all_ended(found)
    assert log.read_text().split() == ["user", "server"]
    assert not processes._socket.exists()


def test_one_that_fails_stops_everything_and_is_named_with_its_reason(state: Path) -> None:
    groups = {"all": {"good": polite("good", state / "order"), "bad": failing("the disk is full", 3, after=1)}}
    with Processes(state, groups) as processes:
        found = running(processes, "good")

        with pytest.raises(ProcessFailed) as failure:
            processes.wait()

    assert "failing one ended by itself (exit status 3)" in str(failure.value)
    assert "the disk is full" in str(failure.value)
    assert all_ended(found)


def test_one_that_ends_without_an_error_is_missed_all_the_same(state: Path) -> None:
    groups = {"all": {"good": polite("good", state / "order"), "bad": failing("done", 0, after=0.5)}}
    with Processes(state, groups) as processes, pytest.raises(ProcessFailed, match="exit status 0"):
        processes.wait()


def test_one_that_is_killed_stops_everything(state: Path) -> None:
    groups = {"all": {"one": polite("one", state / "order"), "two": polite("two", state / "order")}}
    with Processes(state, groups) as processes:
        found = running(processes, "one", "two")

        found["two"].kill()

        with pytest.raises(ProcessFailed, match=r"polite two ended by itself \(terminated by SIGKILL"):
            processes.wait()
    assert all_ended(found)


def test_one_that_cannot_be_started_is_named(state: Path) -> None:
    groups = {"all": {"good": polite("good", state / "order"), "bad": Program("missing one", ("/nowhere/program",))}}
    with Processes(state, groups) as processes, pytest.raises(ProcessFailed, match="missing one ended by itself"):
        processes.wait()


def test_children_of_one_that_fails_end_too(state: Path) -> None:
    note = state / "grandchild"
    code = "import subprocess, sys, time; p = subprocess.Popen(['sleep', '300']);"
    code += f"open({str(note)!r}, 'w').write(str(p.pid)); time.sleep(0.5); sys.exit(1)"
    groups = {"all": {"bad": Program("bad", (sys.executable, "-c", code))}}
    with Processes(state, groups) as processes, pytest.raises(ProcessFailed):
        processes.wait()

    pid = int(note.read_text())
    wait_for(lambda: not psutil.pid_exists(pid))


def test_one_that_ignores_the_request_to_end_is_killed_in_the_end(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.processes.STOP_SECONDS", 1)
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('runs', flush=True); time.sleep(300)"
    )
    with Processes(state, {"all": {"stubborn": Program("stubborn", (sys.executable, "-c", code))}}) as processes:
        found = running(processes, "stubborn")

    assert all_ended(found, seconds=0)


def test_a_failure_interrupts_what_is_going_on(state: Path) -> None:
    groups = {"all": {"bad": failing("too early", 1, after=1)}}
    began = time.monotonic()
    with (
        Processes(state, groups) as processes,
        pytest.raises(ProcessFailed, match="too early"),
        processes.failing_loudly(),
    ):
        subprocess.run(["sleep", "60"], check=True)

    assert time.monotonic() - began < 30


def test_one_can_be_stopped_and_started_on_purpose(state: Path) -> None:
    groups = {"all": {"one": polite("one", state / "order"), "two": polite("two", state / "order")}}
    with Processes(state, groups) as processes:
        before = running(processes, "one", "two")

        processes.restart("one")

        after = processes.pids()
        processes.require_running()
    assert after["one"] != before["one"].pid
    assert after["two"] == before["two"].pid


def test_everything_ends_when_the_one_who_started_it_is_killed(state: Path) -> None:
    """As when a terminal or a CI job is torn away: no time for any clean-up of ours."""
    code = "import sys, time; from pathlib import Path; from local.processes import Processes\n"
    code += "from tests.local.test_processes import polite\n"
    code += "state = Path(sys.argv[1]); p = Processes(state, {'all': {'one': polite('one', state / 'order')}})\n"
    code += "p.start(); print('up', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(state)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        processes = Processes(state, {"all": {"one": polite("one", state / "order")}})
        found = running(processes, "one")
        parent.kill()

    assert all_ended(found)


# A demo that runs beside the tests may have these ports.
NEED_PORTS = {"mail", "sms"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_real_servers_end_with_a_manager_that_is_killed(state: Path, number: signal.Signals) -> None:
    servers = {name: program for name, program in programs()["servers"].items() if name not in NEED_PORTS}
    with Processes(state, {"servers": servers}) as processes:
        wait_for(lambda: Cluster(state).is_running())
        found = {name: psutil.Process(pid) for name, pid in processes.pids().items()}
        assert set(found) == {"postgres", "valkey"}
        assert processes._supervisor is not None

        os.kill(processes._supervisor.pid, number)

        assert all_ended(found)


@pytest.mark.parametrize("after", [0.0, 0.05, 0.1, 0.2, 0.4, 0.8])
def test_nothing_stays_when_stopped_while_starting(state: Path, after: float) -> None:
    servers = {name: program for name, program in programs()["servers"].items() if name not in NEED_PORTS}
    processes = Processes(state, {"servers": servers})
    processes.start()
    time.sleep(after)

    processes.stop()

    left = [process for process in psutil.process_iter(["cmdline"]) if mentions(process, state, Cluster(state)._place)]
    assert left == []


def mentions(process: psutil.Process, *paths: Path) -> bool:
    words = " ".join(process.info["cmdline"] or [])
    return any(str(path) in words for path in paths)
