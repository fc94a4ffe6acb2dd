"""What browsers load, hashed and compressed, collected once for each process that serves pages."""

import hashlib
from pathlib import Path

from local.places import ROOT

PROCESSES = ("school", "vendor", "public")
# Of the libraries only what a page of ours loads.
_NOT_USED = ("*.rtl.*", "bootstrap-*", "bootstrap.css*", "*-4*", "ext", "htmx-2.js", "docs", "rest_framework")
COLLECT = ("manage.py", "collectstatic", "--noinput", "--clear", "--verbosity", "0")
COLLECT += tuple(word for pattern in _NOT_USED for word in ("--ignore", pattern))


def fingerprint_of_static_files() -> str:
    """Of our own files, and of the lock that names the libraries."""
    digest = hashlib.sha256((ROOT / "requirements" / "runtime.txt").read_bytes())
    digest.update(repr(COLLECT).encode())
    for source in ("platform/portal", "tenants", "opt_in", "ediary_core"):
        for path in sorted(found for found in (ROOT / source).glob("**/static/**/*") if found.is_file()):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def are_collected(state: Path) -> bool:
    stamp = _stamp(state)
    return stamp.exists() and stamp.read_text() == fingerprint_of_static_files()


def note_collected(state: Path) -> None:
    _stamp(state).write_text(fingerprint_of_static_files())


def _stamp(state: Path) -> Path:
    return state / "static" / "collected"
