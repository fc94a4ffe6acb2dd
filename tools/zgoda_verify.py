#!/usr/bin/env python3
"""Checks the ledger of a school on a machine that has nothing of Zgoda's: Python 3.9 or newer and this file suffice.

The format, and how to write a second program like this one, is in docs/ledger.md.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import hashlib
import itertools
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

GOOD, BAD, UNUSABLE = 0, 1, 2
STREAMS = ("authority", "dispatch", "vendor")  # also their order in an export
LONGEST_LINE = 1 << 20
LONGEST_PROOF = 16 << 20
LARGEST_INTEGER = 2**53 - 1  # RFC 8785 writes numbers as IEEE 754 doubles; above this they are no longer exact
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HEX64 = re.compile(r"[0-9a-f]{64}")
TIME = re.compile(r"[0-9T:.Z+-]{10,40}")  # nothing that a terminal could obey
STREAM = "|".join(STREAMS)

EXPLANATION = """\
WHAT YOU NEED
  1. The ledger: the file that the school downloads from Zgoda ("Export the ledger").
  2. The checkpoints: the mails "Checkpoint of the ledger" that you have received. Save one or more of them as a file
     (as text, or the whole mail as .eml). Old ones are the best ones: nobody can change what lies in your mailbox.
  3. If somebody asks "why did I get this message?": the receipt of that message, as a file.

WHAT TO TYPE
  python3 zgoda_verify.py ledger.jsonl --checkpoint march.eml --checkpoint april.txt --receipt receipt.json

HOW TO READ THE ANSWER
  RESULT: GOOD      all that is listed under VERIFIED was recomputed here and is right. Read NOT VERIFIED too.
  RESULT: BAD       the ledger, a checkpoint or a receipt contradict each other. The first bad leaf (entry) is named.
                    Keep all the files as they are and show them to somebody you trust.
  RESULT: UNUSABLE  a file is missing, cannot be read or is not what it should be. Nothing is said about the ledger.

A ledger without a checkpoint only proves that it agrees with itself: whoever runs Zgoda could have rewritten all of it.
With a checkpoint that you kept, not a single letter before it can have been changed, added or left out.
Exit codes: 0 good, 1 bad, 2 unusable.
"""


class UnusableError(Exception):
    """An input that cannot be read, so that nothing can be said about it."""


class ReceiptError(Exception):
    """A receipt that contradicts itself."""


class LedgerError(Exception):
    """The first thing that is wrong in the ledger."""

    def __init__(self, line: int, what: str, stream: str = "", seq: int = 0) -> None:
        leaf = f"stream {stream}, leaf {seq}, " if stream else ""
        super().__init__(f"{leaf}line {line}: {what}.")


@dataclass(frozen=True)
class Proof:
    """A checkpoint (what the chain was after so many leaves) or a receipt (which decision stands at one place)."""

    kind: str
    school: str
    stream: str
    place: int
    digest: str
    source: str
    at: str = ""

    def __str__(self) -> str:
        what = f"first {self.place} leaves" if self.kind == "checkpoint" else f"leaf {self.place}"
        return f"The {self.kind} in {self.source} (stream {self.stream}, {what})"


@dataclass
class Findings:
    school: str = ""
    sizes: dict[str, int] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STREAMS, 0))
    witnessed: dict[str, int] = field(default_factory=dict)
    complete: bool = False
    good: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        return BAD if self.bad else UNUSABLE if self.unusable else GOOD


def _integer(text: str) -> int:
    number = int(text)
    if abs(number) > LARGEST_INTEGER:
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _no_fraction(text: str) -> int:
    raise ValueError(f"the number {text[:40]} is not a whole number")


def _unique_ascii_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    if not all(key.isascii() for key in found):
        raise ValueError("a key has letters outside ASCII")
    return found


# Two decoders: a line is compared byte for byte with its canonical form, which shows a repeated key too and in half the
# time; proofs may be laid out freely, so that there each object has to be looked at.
_plain = json.JSONDecoder(parse_int=_integer, parse_float=_no_fraction, parse_constant=_no_fraction)
_careful = json.JSONDecoder(
    parse_int=_integer, parse_float=_no_fraction, parse_constant=_no_fraction, object_pairs_hook=_unique_ascii_keys
)
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical(value: object) -> bytes:
    """RFC 8785 for whole numbers and ASCII keys (for these, code points and UTF-16 units sort alike)."""
    return _encode(value).encode("utf-8")


def leaf_hash(leaf: object) -> bytes:
    return hashlib.sha256(b"\x00" + canonical(leaf)).digest()


def is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def parse_line(raw: bytes, number: int) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8")
        value, end = (_plain if text.isascii() else _careful).raw_decode(text)
        if text[end:] != "\n" or canonical(value) != raw[:-1]:
            raise ValueError(_why_not_canonical(raw, text))
    except (ValueError, RecursionError) as error:  # also UnicodeError: no UTF-8, or half a surrogate pair
        raise LedgerError(number, f"this line is damaged or not in the one allowed form: {error}") from None
    if not isinstance(value, dict):
        raise LedgerError(number, "this line is not a JSON object")
    return value


def _why_not_canonical(raw: bytes, text: str) -> str:
    if len(raw) >= LONGEST_LINE:
        return "it is too long"
    if not raw.endswith(b"\n"):
        return "its end is missing"
    if raw.endswith(b"\r\n"):
        return "it ends like a Windows text file; an editor or a mail program changed the file"
    _careful.decode(text)  # raises with a better reason: a key twice, or something behind the object
    return "spaces, the order of keys or the way letters are written were changed"


def verify_ledger(file: BinaryIO, findings: Findings, proofs: Iterable[Proof]) -> None:
    """Reads line by line, so that memory does not grow with the ledger; stops at the first flaw."""
    lines = iter(lambda: file.readline(LONGEST_LINE), b"")
    roots = read_header(next(lines, b""), findings)
    awaited = await_proofs(proofs, findings)
    stream, chain = STREAMS[0], bytes(32)
    for number, raw in enumerate(lines, start=2):
        record = parse_line(raw, number)
        if record.get("stream") != stream:
            following = next_stream(record, number, stream)
            close_streams(stream, following, chain, roots, findings)
            stream, chain = following, bytes(32)
        seq = findings.read[stream] + 1
        hashed, chain = check_leaf(record, number, stream, seq, chain, findings)
        findings.read[stream] = seq
        for proof in awaited.pop((stream, seq), ()):
            check_proof(proof, hashed, chain, findings)
    close_streams(stream, None, chain, roots, findings)
    findings.complete = True
    for proof in (proof for left in awaited.values() for proof in left):
        findings.bad.append(
            f"{proof}: this ledger has only {findings.read[proof.stream]} leaves there. Either it was exported earlier"
            " (ask for a new export), or leaves were cut off its end."
        )


def await_proofs(proofs: Iterable[Proof], findings: Findings) -> dict[tuple[str, int], list[Proof]]:
    awaited: dict[tuple[str, int], list[Proof]] = {}
    for proof in proofs:
        if proof.school != findings.school:
            findings.bad.append(
                f"{proof} belongs to another school: {proof.school}. This ledger says that it is of {findings.school}."
            )
        elif proof.place == 0:
            check_proof(proof, b"", bytes(32), findings)
        else:
            awaited.setdefault((proof.stream, proof.place), []).append(proof)
    return awaited


def read_header(raw: bytes, findings: Findings) -> dict[str, str]:
    if b'"format":"zgoda-ledger/1"' not in raw:
        raise UnusableError("this is not a ledger of Zgoda, format 1 (its first line does not say so)")
    header = parse_line(raw, 1)
    streams = header.get("streams")
    if header.keys() != {"format", "school", "streams"} or header["format"] != "zgoda-ledger/1":
        raise LedgerError(1, "the header must hold format, school and streams, and nothing else")
    if not matches(UUID, header["school"]):
        raise LedgerError(1, "the header's school is not a valid id")
    if not isinstance(streams, dict) or sorted(streams) != list(STREAMS):
        raise LedgerError(1, f"the header must name exactly the streams {', '.join(STREAMS)}")
    for stream, head in streams.items():
        if not isinstance(head, dict) or head.keys() != {"size", "root"}:
            raise LedgerError(1, f"the header must give size and root of stream {stream}, and nothing else")
        if not is_count(head["size"]) or not matches(HEX64, head["root"]):
            raise LedgerError(1, f"the header's size or root of stream {stream} is not valid")
        findings.sizes[stream] = head["size"]
    findings.school = header["school"]
    return {stream: head["root"] for stream, head in streams.items()}


def next_stream(record: dict[str, Any], number: int, stream: str) -> str:
    following = record.get("stream")
    if following not in STREAMS:
        raise LedgerError(number, "this line does not name a stream of the ledger")
    if STREAMS.index(following) < STREAMS.index(stream):
        raise LedgerError(number, f"a leaf of stream {following} stands behind stream {stream}: moved or inserted")
    return str(following)


def close_streams(stream: str, following: str | None, chain: bytes, roots: dict[str, str], findings: Findings) -> None:
    end = STREAMS.index(following) if following else len(STREAMS)
    last_line = 1 + sum(findings.read.values())
    for name in STREAMS[STREAMS.index(stream) : end]:
        size, read = findings.sizes[name], findings.read[name]
        if read < size:
            missing = f"leaf {read + 1} to leaf {size}" if size > read + 1 else f"leaf {size}"
            raise LedgerError(last_line + 1, f"{missing} should follow here and is missing", name, read + 1)
        if roots[name] != (chain if name == stream else bytes(32)).hex():
            raise LedgerError(1, f"the root that the header gives for stream {name} is not that of its last leaf")


def check_leaf(
    record: dict[str, Any], number: int, stream: str, seq: int, chain: bytes, findings: Findings
) -> tuple[bytes, bytes]:
    def flaw(what: str) -> LedgerError:
        return LedgerError(number, what, stream, seq)

    if record.keys() != {"stream", "seq", "leaf", "hash", "chain"}:
        raise flaw("a line must hold stream, seq, leaf, hash and chain, and nothing else")
    leaf = record["leaf"]
    if not is_count(record["seq"]) or not isinstance(leaf, dict):
        raise flaw("the sequence number or the leaf is not valid")
    if record["seq"] != seq:
        raise flaw(f"leaf {seq} should stand here, but leaf {record['seq']} does: removed, inserted or moved")
    if seq > findings.sizes[stream]:
        raise flaw(f"inserted, or the header was changed: it announces {findings.sizes[stream]} leaves")
    hashed = leaf_hash(leaf)
    if record["hash"] != hashed.hex():
        raise flaw("the leaf's content does not match its own hash: the leaf (or the hash) was changed")
    chain = hashlib.sha256(b"\x01" + chain + hashed).digest()
    if record["chain"] != chain.hex():
        raise flaw("the chain breaks here: this leaf does not follow the leaf before it (changed, replaced or moved)")
    if leaf.get("school", findings.school) != findings.school or leaf.get("stream", stream) != stream:
        raise flaw("the leaf itself names another school or another stream")
    return hashed, chain


def check_proof(proof: Proof, hashed: bytes, chain: bytes, findings: Findings) -> None:
    if proof.kind == "receipt":
        if proof.digest == hashed.hex():
            findings.good.append(f"{proof}: the ledger holds exactly this decision.")
        else:
            findings.bad.append(f"{proof}: the ledger holds a different decision at this place.")
    elif proof.digest == chain.hex():
        before = findings.witnessed.get(proof.stream, 0)
        added = f" Since the checkpoint before it only leaves {before + 1} to {proof.place} were added."
        findings.witnessed[proof.stream] = proof.place
        findings.good.append(
            f"{proof}: the ledger up to there is the one that was witnessed.{added if 0 < before < proof.place else ''}"
        )
    else:
        first = findings.witnessed.get(proof.stream, 0) + 1
        findings.bad.append(
            f"{proof}: the ledger is NOT the one that was witnessed. From leaf {first} to leaf {proof.place} something"
            " was changed, removed or inserted and all that follows was recomputed; or the checkpoint was changed."
        )


def contradictions(proofs: Sequence[Proof]) -> Iterator[str]:
    """What checkpoints give away by themselves: two histories were shown, or one that became shorter."""
    points = [proof for proof in proofs if proof.kind == "checkpoint"]
    for one, other in itertools.combinations(sorted(points, key=lambda proof: proof.at), 2):
        if (one.school, one.stream) != (other.school, other.stream):
            continue
        if one.place == other.place and one.digest != other.digest:
            yield f"{one} and the one in {other.source} cannot both be true: two different ledgers were shown."
        elif one.at and other.at and one.place > other.place:
            yield (
                f"{other} is the later one, but the checkpoint in {one.source} covers {one.place} leaves: the ledger"
                " became shorter. An old copy was restored, or leaves were cut off."
            )


def text_of(path: str) -> str:
    """The text of a file, or of the parts of a mail."""
    try:
        with Path(path).open("rb") as file:
            raw = file.read(LONGEST_PROOF + 1)
    except OSError as error:
        raise UnusableError(f"cannot be read: {error.strerror}") from None
    if len(raw) > LONGEST_PROOF:
        raise UnusableError("is larger than 16 MiB")
    if not re.match(rb"[A-Za-z-]+:[ \t]", raw):
        return raw.decode("utf-8-sig", "replace")
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = [part for part in message.walk() if part.get_content_type() in ("text/plain", "application/json")]
    return "\n".join(bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace") for part in parts)


def objects_in(text: str) -> Iterator[dict[str, Any]]:
    """Every JSON object in a text, however it is laid out; what is damaged is passed over."""
    place = text.find("{")
    while place >= 0:
        try:
            value, end = _careful.raw_decode(text, place)
            yield value
        except (ValueError, RecursionError):
            end = place + 1
        place = text.find("{", end)


def read_checkpoints(path: str) -> list[Proof]:
    text = text_of(path)
    looks_like = text.count('"origin"')
    # Mail programs break long lines and put "> " before quoted ones; a checkpoint has no space that matters.
    for version in (text, re.sub(r"\r?\n[> \t]*", "", text)):
        found = [_checkpoint(value, path) for value in objects_in(version) if "origin" in value]
        if found and len(found) == looks_like:
            return found
    # The mail also says it in plain lines: origin, size and root below one another.
    lines = re.findall(
        rf"zgoda/({UUID.pattern})/({STREAM})\s+([0-9]{{1,15}})\s+({HEX64.pattern})\b", re.sub(r"(?m)^[> \t]+", "", text)
    )
    if lines and not looks_like and len(lines) == len(re.findall(r"zgoda/\w+-", text)):
        return [Proof("checkpoint", school, stream, int(size), root, path) for school, _, stream, size, root in lines]
    if not lines and not looks_like:
        raise UnusableError("there is no checkpoint in it")
    raise UnusableError("there is a damaged checkpoint in it; take it from the mail once more")


def _checkpoint(value: dict[str, Any], path: str) -> Proof:
    origin = re.fullmatch(rf"zgoda/({UUID.pattern})/({STREAM})", str(value["origin"]))
    good = value.keys() == {"origin", "size", "root", "at"} and is_count(value["size"])
    if not good or not origin or not matches(HEX64, value["root"]) or not matches(TIME, value["at"]):
        raise UnusableError("a checkpoint in it has a wrong or missing origin, size, root or time")
    return Proof(
        "checkpoint", origin[1], origin[3], value["size"], value["root"], f"{path} of {value['at']}", value["at"]
    )


def read_receipts(path: str) -> list[Proof]:
    text = text_of(path)
    found = [value for value in objects_in(text) if "leaf" in value]
    if not found or len(found) != text.count('"zgoda-receipt/'):
        raise UnusableError("there is no receipt in it, or a damaged one")
    return [_receipt(value, path) for value in found]


def _receipt(value: dict[str, Any], path: str) -> Proof:
    good = value.keys() == {"format", "school", "stream", "seq", "leaf", "hash"}
    good = good and value["format"] == "zgoda-receipt/1" and value["stream"] in STREAMS
    good = good and matches(UUID, value["school"]) and matches(HEX64, value["hash"])
    if not good or not is_count(value["seq"]) or value["seq"] == 0 or not isinstance(value["leaf"], dict):
        raise UnusableError("a receipt in it has a wrong or missing field")
    try:
        digest = leaf_hash(value["leaf"]).hex()
    except UnicodeError:
        raise UnusableError("a receipt in it has letters that cannot be written") from None
    if digest != value["hash"]:
        raise ReceiptError("the content of a receipt in it does not match its own hash: the receipt was changed")
    return Proof("receipt", value["school"], value["stream"], value["seq"], digest, path)


def run(arguments: argparse.Namespace) -> Findings:
    findings = Findings()
    proofs: list[Proof] = []
    for read, paths in ((read_checkpoints, arguments.checkpoint), (read_receipts, arguments.receipt)):
        for path in paths:
            try:
                proofs += read(path)
            except UnusableError as problem:
                findings.unusable.append(f"{path}: {problem}.")
            except ReceiptError as problem:
                findings.bad.append(f"{path}: {problem}.")
    findings.bad += contradictions(proofs)
    try:
        with sys.stdin.buffer if arguments.ledger == "-" else Path(arguments.ledger).open("rb") as file:
            verify_ledger(file, findings, proofs)
    except LedgerError as flaw:
        findings.bad.insert(0, f"First bad place: {flaw}")
    except UnusableError as problem:
        findings.unusable.append(f"{arguments.ledger}: {problem}.")
    except OSError as problem:
        findings.unusable.append(f"{arguments.ledger}: cannot be read: {problem.strerror}.")
    if findings.school and arguments.school not in (None, findings.school):
        findings.bad.append(f"This is the ledger of school {findings.school}, not of {arguments.school}.")
    return findings


def verified(findings: Findings) -> Iterator[str]:
    for stream, read in findings.read.items():
        if findings.complete and not read:
            yield f"Stream {stream}: it is empty."
        elif findings.complete:
            yield f"Stream {stream}: all {read} leaves are there, in order, and agree with hashes and chain."
        elif read:
            yield f"Stream {stream}: leaves 1 to {read} agree with hashes and chain."
    yield from findings.good


def not_verified(findings: Findings) -> Iterator[str]:
    if not findings.complete:
        yield "Everything behind the first bad place, and every checkpoint and receipt that is not listed above."
    for stream, read in findings.read.items() if findings.complete else ():
        witnessed = findings.witnessed.get(stream)
        if witnessed is None:
            yield (
                f"Stream {stream}: no checkpoint from outside was matched with it. Whoever runs Zgoda could have"
                " rewritten all of it; give this program a checkpoint mail that you have kept."
            )
        elif witnessed < read:
            yield (
                f"Stream {stream}: leaves {witnessed + 1} to {read} are newer than your checkpoint. They could still"
                " have been rewritten; the next checkpoint will cover them."
            )
    yield "The time written in a checkpoint: compare it with the day on which the mail reached you."
    yield "Whether everything that happened was written into the ledger, and who stands behind a pseudonym in it."


def report(findings: Findings) -> Iterator[str]:
    result = {GOOD: "GOOD", BAD: "BAD", UNUSABLE: "UNUSABLE"}[findings.exit_code]
    sections = (
        ("WHAT IS WRONG", findings.bad),
        ("WHAT COULD NOT BE USED", findings.unusable),
        ("VERIFIED", list(verified(findings)) or ["nothing"]),
        ("NOT VERIFIED", list(not_verified(findings))),
    )
    yield f"Ledger of school {findings.school or '(unknown)'}"
    for title, sentences in sections:
        if sentences:
            yield ""
            yield title
            yield from (f"  - {sentence}" for sentence in sentences)
    yield ""
    yield f"RESULT: {result}"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="zgoda-verify",
        description="Checks the ledger of your school: that nothing in it was changed, removed, added or moved.",
        epilog=EXPLANATION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("ledger", help="the exported ledger (a file; - reads standard input)")
    parser.add_argument(
        "-c",
        "--checkpoint",
        action="append",
        default=[],
        metavar="FILE",
        help="a checkpoint mail; may be repeated",
    )
    parser.add_argument(
        "-r", "--receipt", action="append", default=[], metavar="FILE", help="receipt of one decision; may be repeated"
    )
    parser.add_argument("--school", metavar="ID", help="the id that the ledger's school must have")
    findings = run(parser.parse_args(argv))
    for line in report(findings):
        # A mail program or a console may not know every letter of a file's name.
        print(line.encode(sys.stdout.encoding or "ascii", "backslashreplace").decode(sys.stdout.encoding or "ascii"))
    return findings.exit_code


if __name__ == "__main__":
    sys.exit(main())
