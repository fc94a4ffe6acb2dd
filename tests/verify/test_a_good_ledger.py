"""What the program accepts, and what it says about it."""

import ast
import io
import json
import sys
import tracemalloc
from collections.abc import Iterator

import zgoda_verify

from .conftest import PROGRAM, Verify
from .ledgers import NOTHING, SCHOOL, Ledger

# Computed by hand: printf '\000{…}' | sha256sum, and printf '\001' + 32 zero bytes + that hash | sha256sum.
LEAF = '{"at":"2020-09-01T08:00:00Z","kind":"go_live"}'
LEAF_HASH = "a3e5882f25df6e32566de61abf897e93d3e067fed46ade1e647adbe9ba10e7f0"
LEAF_CHAIN = "665b94746ac8ad805e47b2c0bc76ebf7916bd5eb20f027baa2c74deccecd25f4"


def test_a_ledger_written_by_hand_is_accepted(verify: Verify) -> None:
    empty = f'{{"root":"{NOTHING}","size":0}}'
    export = (
        f'{{"format":"zgoda-ledger/1","school":"{SCHOOL}","streams":{{"authority":{{"root":"{LEAF_CHAIN}","size":1}},'
        f'"dispatch":{empty},"vendor":{empty}}}}}\n'
        f'{{"chain":"{LEAF_CHAIN}","hash":"{LEAF_HASH}","leaf":{LEAF},"seq":1,"stream":"authority"}}\n'
    )

    answer = verify(export.encode())

    assert answer.exit_code == 0
    assert answer.text.endswith("RESULT: GOOD\n")


def test_a_ledger_with_checkpoints_and_receipts_is_accepted_and_each_is_named(verify: Verify) -> None:
    ledger = Ledger()

    answer = verify(
        ledger.export(),
        checkpoints=tuple(ledger.checkpoint(stream) for stream in ("authority", "dispatch", "vendor")),
        receipts=(ledger.receipt(1), ledger.receipt(4)),
        more=("--school", SCHOOL),
    )

    assert answer.exit_code == 0
    assert answer.text.count("the ledger up to there is the one that was witnessed") == 3
    assert answer.text.count("the ledger holds exactly this decision") == 2
    assert "no checkpoint" not in answer.text


def test_what_no_checkpoint_covers_is_said_plainly(verify: Verify) -> None:
    ledger = Ledger()

    answer = verify(ledger.export(), checkpoints=(ledger.checkpoint("dispatch", 2),))

    assert answer.exit_code == 0
    assert "Stream dispatch: leaves 3 to 4 are newer than your checkpoint" in answer.text
    assert "Stream authority: no checkpoint from outside" in answer.text


def test_a_checkpoint_is_found_in_the_text_of_a_mail_that_a_mail_program_has_wrapped_and_quoted(verify: Verify) -> None:
    ledger = Ledger()
    checkpoint = ledger.checkpoint("dispatch")
    wrapped = "\r\n> ".join(checkpoint[start : start + 50] for start in range(0, len(checkpoint), 50))

    answer = verify(ledger.export(), checkpoints=(f"Pozdravljeni,\r\nhranite {{ to }} pošto:\r\n\r\n> {wrapped}\r\n",))

    assert answer.exit_code == 0
    assert "the ledger up to there is the one that was witnessed" in answer.text


def test_checkpoints_are_found_in_a_saved_mail_in_its_transport_encoding(verify: Verify) -> None:
    ledger = Ledger()
    body = "".join(f"{ledger.checkpoint(stream)}\n" for stream in ("authority", "dispatch"))
    quoted = body.replace("=", "=3D").replace('{"at"', '=\r\n{"at"')
    mail = (
        "Received: from somewhere\r\nSubject: Checkpoint\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{quoted}\r\n--b\r\nContent-Type: text/html\r\n\r\n"
        f"<p>{body}</p>\r\n--b--\r\n"
    )

    answer = verify(ledger.export(), checkpoints=(mail,))

    assert answer.exit_code == 0
    assert answer.text.count("the ledger up to there is the one that was witnessed") == 2


def test_checkpoints_are_found_in_the_plain_lines_of_a_mail(verify: Verify) -> None:
    ledger = Ledger()
    parts = [json.loads(ledger.checkpoint(stream)) for stream in ("authority", "dispatch")]
    lines = "".join(f"{part['origin']}\n{part['size']}\n{part['root']}\n\n" for part in parts)

    answers = [verify(ledger.export(), checkpoints=(text,)) for text in (lines, "> " + lines.replace("\n", "\n> "))]

    assert [answer.exit_code for answer in answers] == [0, 0]
    assert answers[0].text.count("the ledger up to there is the one that was witnessed") == 2
    assert answers[1].text.count("the ledger up to there is the one that was witnessed") == 2


def test_many_checkpoints_may_stand_in_one_array(verify: Verify) -> None:
    ledger = Ledger()
    checkpoints = ",\n  ".join(ledger.checkpoint("dispatch", size) for size in range(5))

    answer = verify(ledger.export(), checkpoints=(f"[\n  {checkpoints}\n]",))

    assert answer.exit_code == 0
    assert answer.text.count("the ledger up to there is the one that was witnessed") == 5


def test_a_receipt_may_be_laid_out_freely(verify: Verify) -> None:
    ledger = Ledger()

    answer = verify(ledger.export(), receipts=(ledger.receipt(2).replace(",", " ,\n\t").replace("č", "\\u010d"),))

    assert answer.exit_code == 0


def test_the_help_tells_a_chair_what_to_do(verify: Verify) -> None:
    answer = verify(b"", more=("--help",))

    assert answer.exit_code == 0
    for words in ("WHAT YOU NEED", "WHAT TO TYPE", "HOW TO READ THE ANSWER", "Exit codes: 0 good, 1 bad, 2 unusable"):
        assert words in answer.text


def test_memory_does_not_grow_with_the_ledger() -> None:
    def peak(leaves: int) -> int:
        findings = zgoda_verify.Findings()
        export = Ledger(streams={"authority": (), "dispatch": (LEAF,) * leaves, "vendor": ()}).lines()
        stream = io.BufferedReader(_Lines(iter(export)))
        tracemalloc.start()
        zgoda_verify.verify_ledger(stream, findings, [])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert findings.read["dispatch"] == leaves
        return peak

    small, large = peak(500), peak(10_000)

    assert large < small + 20_000


class _Lines(io.RawIOBase):
    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        line = next(self.lines, None)
        if line is None:
            return 0
        raw = f"{line}\n".encode()
        buffer[: len(raw)] = raw
        return len(raw)


def test_the_program_is_python_3_9_and_imports_only_the_standard_library() -> None:
    tree = ast.parse(PROGRAM.read_text(), feature_version=(3, 9))

    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
