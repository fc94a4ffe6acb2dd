"""Run one command with the environment of one process: python -m local.run vendor -- manage.py propose …"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from local.environment import PROCESSES, environment_for
from local.places import ROOT, STATE


def command_of(words: Sequence[str]) -> list[str]:
    """What to execute: manage.py, python and the scripts of our environment stand for themselves."""
    if words[0] == "manage.py":
        return [sys.executable, str(ROOT / "platform" / "manage.py"), *words[1:]]
    if words[0] == "python":
        return [sys.executable, *words[1:]]
    beside = Path(sys.executable).parent / words[0]
    return [str(beside) if beside.is_file() else words[0], *words[1:]]


def chosen_state() -> Path:
    return Path(os.environ.get("ZGODA_STATE", STATE))


def main(arguments: list[str]) -> None:
    if len(arguments) < 3 or arguments[1] != "--":
        known = ", ".join([*PROCESSES, "bootstrap", "witness"])
        sys.exit(f"usage: python -m local.run PROCESS -- COMMAND…\nPROCESS is one of {known}.")
    try:
        environment = environment_for(arguments[0], chosen_state())
    except KeyError as unknown:
        sys.exit(unknown.args[0])
    command = command_of(arguments[2:])
    os.execvpe(command[0], command, environment)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
