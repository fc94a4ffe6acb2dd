"""make check: style, types, import contracts, migrations in step, one schema per app, short files."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.environment import PROCESSES, environment_for
from local.places import ROOT, temporary_state
from local.run import command_of

SETTINGS = [name for name, process in PROCESSES.items() if not process.overrides_login]
_MOST_LINES = 400
_GENERATED = ("migrations",)
_SOURCES = ("platform", "tools", "tenants", "ediary_core", "notifications", "opt_in", "benchmarks", "proofs")
# What reads settings or a user model that only one process has is checked with that process's settings, and only there.
_ONLY = {
    "dispatch": ("notifications/management/commands/dispatcher.py",),
    "vendor": ("opt_in/console", "tenants/operators"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One command. A process gives it that process's settings module and environment."""

    title: str
    command: tuple[str, ...]
    process: str = "school"


def _types(process: str, *paths: str) -> list[Check]:
    """Each settings module has its own user model and its own settings, so each is a run of its own."""
    there = [path for path in paths if (ROOT / path).exists()]
    others = [path for only, paths_of in _ONLY.items() if only != process for path in paths_of]
    elsewhere = ("--exclude", "|".join(others))
    cache = ("--cache-dir", f".mypy_cache/{process}")
    command = ("python", "-m", "mypy", "--no-error-summary", *cache, *elsewhere, *there)
    return [Check(f"types: {process}", command, process)] if there else []


def checks() -> list[Check]:
    found = [
        Check("style", ("python", "-m", "ruff", "check", "--quiet", ".")),
        Check("format", ("python", "-m", "ruff", "format", "--check", "--quiet", ".")),
        Check(
            "import contracts",
            (
                "python",
                "-c",
                "import sys; from importlinter.cli import lint_imports_command as run; sys.exit(run())",
                "--no-logo",
            ),
        ),
    ]
    found += _types(
        "school",
        *_SOURCES,
        *(f"tests/{name}" for name in ("local", "gate", "attack", "proofs", "verify", "e2e", "school")),
    )
    for name in SETTINGS:
        if name != "school":
            found += _types(name, f"tests/{name}", *_ONLY.get(name, ()))
    for name in SETTINGS:
        command = ("manage.py", "makemigrations", "--check", "--dry-run", "--verbosity", "1")
        found.append(Check(f"migrations: {name}", command, name))
    return found


def long_files() -> list[str]:
    """Files that a reader cannot hold in mind."""
    listed = subprocess.run(["git", "ls-files", "-z", "*.py", "*.sql"], cwd=ROOT, capture_output=True, check=True)
    reasons = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Files over 400 lines")[2]
    names = [name.decode() for name in listed.stdout.split(b"\0") if name]
    paths = [ROOT / name for name in names if f"`{name}`" not in reasons]
    found = []
    for path in paths:
        if path.is_file() and not set(_GENERATED) & set(path.parts):
            count = len(path.read_text(encoding="utf-8").splitlines())
            if count > _MOST_LINES:
                found.append(f"{path.relative_to(ROOT)} has {count} lines; split it before it passes {_MOST_LINES}.")
    return found


def main() -> int:
    failed = []
    with temporary_state() as state:
        for check in checks():
            if not _report(check.title, lambda check=check: _problems_of(check, state)):  # type: ignore[misc]
                failed.append(check.title)
    if not _report("short files", lambda: "\n".join(long_files())):
        failed.append("short files")
    print(f"make check: {'clean' if not failed else 'not clean: ' + ', '.join(failed)}")
    return 1 if failed else 0


def _problems_of(check: Check, state: Path) -> str:
    environment = environment_for(check.process, state)
    # The migrations are compared with the models, not with a database; none runs here.
    environment["PYTHONWARNINGS"] = "ignore::RuntimeWarning"
    done = subprocess.run(
        command_of(list(check.command)),
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else f"{done.stdout}{done.stderr}".strip() or f"ended with {done.returncode}"


def _report(title: str, look: Callable[[], str]) -> bool:
    began = time.monotonic()
    problems = look()
    print(f"{'✗' if problems else '✓'} {title} ({time.monotonic() - began:.1f} s)", flush=True)
    if problems:
        print("\n".join(f"    {line}" for line in problems.splitlines()), flush=True)
    return not problems


if __name__ == "__main__":
    sys.exit(main())
