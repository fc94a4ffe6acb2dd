"""A platform of a proof's own, and commands run in it with the environment of one of its processes."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from local.environment import environment_for
from local.places import ROOT
from local.postgres import Cluster
from local.run import command_of


class ProcessFailed(RuntimeError):
    """A process of the proof ended with an error of its own."""


@contextmanager
def installed_platform() -> Iterator[Cluster]:
    """Logins, gate and shared schemas, made by the commands that production uses."""
    with Cluster.temporary(durable=False) as cluster:
        run_process(cluster, "bootstrap", ["manage.py", "bootstrap", "--verbosity", "0"])
        run_process(cluster, "vendor-owner", ["manage.py", "migrate", "--verbosity", "0"])
        yield cluster


def run_process(
    cluster: Cluster, process: str, words: list[str], extra: dict[str, str] | None = None, limit: float = 300
) -> dict[str, Any]:
    """Run a command with a process's own environment; its last line is JSON, or there is none."""
    done = subprocess.run(
        command_of(words),
        cwd=ROOT,
        env=environment_for(process, cluster.state) | (extra or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=limit,
    )
    if done.returncode != 0:
        raise ProcessFailed(f"{' '.join(words)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    last = done.stdout.strip().rpartition("\n")[2]
    answer: dict[str, Any] = json.loads(last) if last.startswith("{") else {}
    return answer
