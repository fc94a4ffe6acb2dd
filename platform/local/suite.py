"""make test: one pytest process for each settings module, the servers it needs, one line at the end."""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from local.environment import environment_for
from local.places import ROOT
from local.postgres import Cluster

_NO_TEST_COLLECTED = 5


@dataclass(frozen=True, slots=True)
class Group:
    """Folders below tests/ that share one settings module; without one, Django is not set up."""

    process: str | None
    folders: tuple[str, ...]


GROUPS = (
    Group(None, ("verify", "local", "gate", "attack", "proofs")),
    Group("school", ("school",)),
    Group("vendor", ("vendor",)),
    Group("provision", ("provision",)),
    Group("keeper", ("keeper",)),
    Group("dispatch", ("dispatch",)),
    Group("public", ("public",)),
    # Last: a whole product of its own, and a browser.
    Group(None, ("e2e",)),
)


@dataclass(slots=True)
class Result:
    """What the groups added up to."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def line(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def main(arguments: list[str]) -> int:
    """Run all groups, or those that the paths among the arguments name; the other arguments go to pytest."""
    paths = [argument for argument in arguments if argument.startswith("tests/")]
    options = [argument for argument in arguments if argument not in paths]
    unknown = _folders_without_group()
    if unknown:
        print(f"tests/{unknown[0]} belongs to no group in {Path(__file__).name}, so nothing would run it.")
        return 1
    began = time.monotonic()
    result = Result()
    subprocess.run([sys.executable, "-m", "notifications.messages", "compile"], cwd=ROOT, check=True)
    for group in GROUPS:
        chosen = _chosen(group, paths)
        if chosen:
            # A database of its own: no group finds what another left behind.
            with Cluster.temporary(durable=False) as cluster:
                _run(group, chosen, options, cluster.state, result)
    print(f"\nmake test took {time.monotonic() - began:.0f} s.")
    print(result.line())
    return 1 if result.failed or not result.passed else 0


def _chosen(group: Group, paths: list[str]) -> list[str]:
    folders = [f"tests/{folder}" for folder in group.folders if _has_tests(ROOT / "tests" / folder)]
    if not paths:
        return folders
    return [path for path in paths if any(path == folder or path.startswith(f"{folder}/") for folder in folders)]


def _run(group: Group, chosen: list[str], options: list[str], state: Path, result: Result) -> None:
    report = state / "report.xml"
    report.unlink(missing_ok=True)
    if group.process is None:
        environment = dict(os.environ)
        environment.pop("DJANGO_SETTINGS_MODULE", None)
    else:
        environment = environment_for(group.process, state)
    command = [sys.executable, "-m", "pytest", "--quiet", f"--junitxml={report}", *options, *chosen]
    print(f"\n— {' '.join(chosen)} —", flush=True)
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    before = result.failed
    if report.exists():
        _add_up(report, result)
    filtered_away = done.returncode == _NO_TEST_COLLECTED and bool(options)
    if done.returncode != 0 and result.failed == before and not filtered_away:
        result.failed += 1  # it broke before or after its tests: never a success


def _add_up(report: Path, result: Result) -> None:
    for suite in ElementTree.parse(report).iter("testsuite"):  # noqa: S314 — pytest wrote it a moment ago
        count = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        failed = count["failures"] + count["errors"]
        result.failed += failed
        result.skipped += count["skipped"]
        result.passed += max(count["tests"] - failed - count["skipped"], 0)


def _has_tests(folder: Path) -> bool:
    return any(folder.rglob("test_*.py"))


def _folders_without_group() -> list[str]:
    known = {folder for group in GROUPS for folder in group.folders}
    folders = [path for path in (ROOT / "tests").iterdir() if path.is_dir() and _has_tests(path)]
    return sorted(folder.name for folder in folders if folder.name not in known)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
