"""The real thing below the tests: our own PostgreSQL, its logins, the gate, and schools made by the real commands."""

import atexit
import os
import subprocess
from contextlib import ExitStack
from pathlib import Path

import django

from local.environment import environment_for
from local.places import ROOT, temporary_state
from local.postgres import Cluster
from local.run import command_of


class CommandFailed(RuntimeError):
    """A command that prepares the tests' database ended with an error."""


def become(process: str) -> None:
    """Give this pytest process the environment of one of ours. `make test` has done so already."""
    settings_module = f"config.settings.{process}"
    present = os.environ.get("DJANGO_SETTINGS_MODULE", settings_module)
    if present != settings_module:
        raise RuntimeError(f"These tests run with {settings_module}, not with {present}: run them on their own.")
    if "DJANGO_SETTINGS_MODULE" not in os.environ:
        until_exit = ExitStack()
        atexit.register(until_exit.close)
        os.environ.update(environment_for(process, until_exit.enter_context(temporary_state())))
    # Now, so that a conftest and its tests may import models.
    django.setup()


def state() -> Path:
    return Path(os.environ["ZGODA_STATE"])


def start_cluster() -> Cluster:
    """The cluster of this state folder; one that `make test` has started is used as it is."""
    cluster = Cluster(state(), durable=False)
    if not cluster.is_running():
        cluster.start()
        atexit.register(cluster.stop)
    return cluster


def run_command(process: str, *words: str) -> str:
    """Run a command as the process it belongs to: with that process's login and secrets, and no others."""
    done = subprocess.run(
        command_of(list(words)),
        cwd=ROOT,
        env=environment_for(process, state()),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode != 0:
        raise CommandFailed(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout


def prepare_database() -> None:
    """Logins, gate and shared schemas, by the commands that production uses. Repeating it is harmless."""
    start_cluster()
    run_command("bootstrap", "manage.py", "bootstrap", "--verbosity", "0")
    run_command("vendor-owner", "manage.py", "migrate", "--verbosity", "0")


def provision(subdomain: str, name: str, *, country: str, kind: str = "primary") -> None:
    run_command(
        *("provision", "manage.py", "provision_school", "--subdomain", subdomain),
        *("--names", name, "--country", country, "--kind", kind),
    )
