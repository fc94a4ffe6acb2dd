import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "tools" / "zgoda_verify.py"


@dataclass(frozen=True, slots=True)
class Answer:
    exit_code: int
    text: str


Verify = Callable[..., Answer]


@pytest.fixture
def verify(tmp_path: Path) -> Verify:
    """Runs the program as a chair would: a process of its own that finds nothing of ours (-I), with files."""

    def run(
        ledger: bytes,
        *,
        checkpoints: tuple[str | bytes, ...] = (),
        receipts: tuple[str, ...] = (),
        more: tuple[str, ...] = (),
    ) -> Answer:
        arguments = [str(write(tmp_path / "ledger.jsonl", ledger))]
        for option, proofs in (("--checkpoint", checkpoints), ("--receipt", receipts)):
            for number, proof in enumerate(proofs):
                arguments += [option, str(write(tmp_path / f"{option[2:]}{number}.txt", proof))]
        done = subprocess.run(
            [sys.executable, "-I", str(PROGRAM), *arguments, *more],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stderr == ""
        return Answer(done.returncode, done.stdout)

    return run


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
