import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

SECOND = Path(__file__).with_name("second_verifier.pl")
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
        answer = Answer(done.returncode, done.stdout)
        if not receipts and not more:
            hold_both_together(answer, tmp_path / "ledger.jsonl", sorted(tmp_path.glob("checkpoint*.txt")))
        for file in tmp_path.glob("*.txt"):
            file.unlink()
        return answer

    return run


def second_opinion(ledger: Path, checkpoints: Sequence[Path] = ()) -> Answer:
    """What the verifier says that was written in another language; skips, where that language is missing."""
    if shutil.which("perl") is None:
        pytest.skip("There is no perl on this machine: the second verifier was NOT tried.")
    done = subprocess.run(
        ["perl", str(SECOND), str(ledger), *map(str, checkpoints)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return Answer(done.returncode, done.stdout)


def hold_both_together(answer: Answer, ledger: Path, checkpoints: Sequence[Path]) -> None:
    """Each vector of these tests is one for both. The second one reads checkpoints as the specification writes them."""
    if any(not re.fullmatch(rb'\{"at":"[^{}]*\}', file.read_bytes()) for file in checkpoints):
        return
    second = second_opinion(ledger, checkpoints)
    assert (second.exit_code == 0) == (answer.exit_code == 0), f"{second.text}\n{answer.text}"
    first_bad = re.search(r"First bad place: .*?line (\d+)", answer.text)
    if first_bad and second.exit_code == 1:
        assert second.text.startswith(f"line {first_bad[1]}:"), f"{second.text}\n{answer.text}"


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
