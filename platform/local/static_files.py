"""What browsers load, hashed and compressed: collected once per clone for each process that serves pages."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from local.environment import environment_for, static_folder
from local.places import ROOT
from local.run import command_of

PROCESSES = ("school", "vendor", "public")
COLLECTED = ROOT / ".static"
# Of the libraries only what a page of ours loads.
_NOT_USED = (
    *("*.rtl.*", "bootstrap-*", "bootstrap.css*"),
    *("*-4*", "ext", "htmx-2.js"),
    *("docs", "rest_framework"),
    *("redoc", "swagger-ui-standalone*", "oauth2*"),
)
_COLLECT = (
    *("manage.py", "collectstatic", "--noinput", "--verbosity", "0"),
    *(word for pattern in _NOT_USED for word in ("--ignore", pattern)),
)


class StaticFilesNotCollected(RuntimeError):
    """collectstatic ended with an error; the message holds its output."""


def provide_static_files(state: Path) -> None:
    """Give this state the files of the present code, collecting them if nobody has yet."""
    COLLECTED.mkdir(exist_ok=True)
    with (COLLECTED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = COLLECTED / _fingerprint()
        if not folder.is_dir():
            _collect(folder, state)
    link = static_folder("school", state).parent
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)
    fresh = link.with_name("static.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(folder)
    fresh.replace(link)


def _collect(folder: Path, state: Path) -> None:
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for process in PROCESSES:
        target = unfinished / process
        target.mkdir(parents=True)
        done = subprocess.run(
            command_of(list(_COLLECT)),
            cwd=ROOT,
            env=environment_for(process, state) | {"ZGODA_STATIC_ROOT": str(target)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise StaticFilesNotCollected(f"Static files of {process}:\n{done.stdout}{done.stderr}")
    unfinished.rename(folder)


def _fingerprint() -> str:
    """Of our own files, and of the lock that names the libraries."""
    digest = hashlib.sha256((ROOT / "requirements" / "runtime.txt").read_bytes())
    digest.update(repr(_COLLECT).encode())
    for source in ("platform/portal", "tenants", "opt_in", "ediary_core"):
        for parent, folders, files in os.walk(ROOT / source):
            folders.sort()
            if "static" in Path(parent).parts:
                for path in sorted(Path(parent, name) for name in files):
                    digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
                    digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
