"""What zgoda-verify finds in real ledgers that somebody tampered with, and what a million leaves cost it.

A school lives stories with the real logins; its checkpoints leave the platform. Then every kind of tampering is tried
at random places of its export, clumsily (hashes left as they were) and by an operator who has everything recomputed;
and the database itself is rolled back to a copy of it and goes on from there, as a fork.
"""

import argparse
import hashlib
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import zgoda_verify
from opt_in.gate import keeper
from opt_in.gate import school as acts
from proofs.exports import exported, forged
from proofs.properties.gates import Gate, Gates, gates, let_the_clock_be_set
from proofs.properties.living import live
from proofs.properties.story import draw_story
from proofs.report import Proof

PROGRAM = Path(zgoda_verify.__file__)
LEAVES, QUICK_LEAVES = 1_000_000, 20_000
TAMPERINGS, QUICK_TAMPERINGS = 1_500, 150
MOST_MEMORY_MB = 64
SCHOOL = "0198f2aa-0000-7000-8000-00000000000a"

Leaf = dict[str, Any]


class NotFound(AssertionError):
    """A tampering that zgoda-verify did not name, or named wrongly."""


def prove(*, seed: int, seconds: float, quick: bool) -> Proof:
    """A fixed number of tamperings and leaves; only the time that it takes differs from run to run."""
    began = time.monotonic()
    dice = random.Random(f"ledger {seed}")
    tried = 0
    with tempfile.TemporaryDirectory() as folder, gates() as made, made.gate() as gate:
        let_the_clock_be_set(gate)
        case = lived(gate, seed, Path(folder))
        case.expect([], "RESULT: GOOD")
        for _ in range(QUICK_TAMPERINGS if quick else TAMPERINGS):
            case.tamper(dice)
            tried += 1
        forge_and_expect(case)
        roll_back_and_expect(case, gate, made)
    leaves = QUICK_LEAVES if quick else LEAVES
    megabytes, took = verify_many(leaves)
    if megabytes > MOST_MEMORY_MB:
        raise NotFound(f"zgoda-verify used {megabytes:.0f} MB for {leaves:,} leaves.")
    return Proof(
        "ledger",
        [
            f"{tried:,} changed, removed, inserted, re-ordered and cut leaves were each named by stream, number, line.",
            "A rewritten ledger, a rolled-back database, a fork and another school's checkpoint were named as such.",
            f"{leaves:,} leaves were verified in {took:.1f} s with {megabytes:.0f} MB.",
        ],
        {"tamperings": tried, "leaves": leaves, "seconds to verify": took, "MB": megabytes},
        time.monotonic() - began,
    )


@dataclass(frozen=True, slots=True)
class Case:
    """One school's export and the checkpoints that left the platform, the earlier ones first."""

    school: UUID
    other_school: UUID
    lines: list[str]
    checkpoints: list[dict[str, Any]]
    folder: Path

    def streams(self) -> dict[str, list[Leaf]]:
        found: dict[str, list[Leaf]] = {"authority": [], "dispatch": [], "vendor": []}
        for line in map(json.loads, self.lines[1:]):
            found[line["stream"]].append(line["leaf"])
        return found

    def report(self, checkpoints: list[dict[str, Any]], lines: list[str] | None = None) -> str:
        ledger, mail = self.folder / "ledger.jsonl", self.folder / "checkpoints.json"
        ledger.write_text("".join(f"{line}\n" for line in (self.lines if lines is None else lines)), encoding="utf-8")
        mail.write_text(json.dumps(checkpoints))
        given = argparse.Namespace(
            ledger=str(ledger), checkpoint=[str(mail)] if checkpoints else [], receipt=[], school=None
        )
        return "\n".join(zgoda_verify.report(zgoda_verify.run(given)))

    def expect(self, checkpoints: list[dict[str, Any]], said: str, lines: list[str] | None = None) -> None:
        report = self.report(checkpoints, lines)
        if said not in report:
            raise NotFound(f"zgoda-verify did not say: {said}\nIt said:\n{report}")

    def tamper(self, dice: random.Random) -> None:
        """One clumsy change at a random leaf: the place where another one should stand must be named."""
        place, name = dice.randrange(1, len(self.lines)), dice.choice(sorted(TAMPERINGS_BY_NAME))
        if name == "re-ordered":
            place = min(place, len(self.lines) - 2)
        should = json.loads(self.lines[place])
        lines = list(self.lines)
        TAMPERINGS_BY_NAME[name](lines, place)
        # a copy stands behind the leaf that it is of, where the next one should stand
        copied = name == "inserted"
        where = f"stream {should['stream']}, leaf {should['seq'] + copied}, line {place + 1 + copied}: "
        self.expect([], f"First bad place: {where}", lines)


def _change(lines: list[str], place: int) -> None:
    line = json.loads(lines[place])
    line["leaf"]["at"] = "2020-02-29T00:00:00.000000Z"
    lines[place] = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _rehash(lines: list[str], place: int) -> None:
    """Leaf and hash are changed and fit; the chain does not."""
    line = json.loads(lines[place])
    line["leaf"]["at"] = "2020-02-29T00:00:00.000000Z"
    line["hash"] = hashlib.sha256(b"\x00" + zgoda_verify.canonical(line["leaf"])).hexdigest()
    lines[place] = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _remove(lines: list[str], place: int) -> None:
    del lines[place]


def _insert(lines: list[str], place: int) -> None:
    lines.insert(place, lines[place])


def _swap(lines: list[str], place: int) -> None:
    lines[place], lines[place + 1] = lines[place + 1], lines[place]


def _cut(lines: list[str], place: int) -> None:
    del lines[place:]


TAMPERINGS_BY_NAME: dict[str, Callable[[list[str], int], None]] = {
    "changed": _change, "changed with its hash": _rehash, "removed": _remove, "inserted": _insert, "re-ordered": _swap,
    "cut off": _cut,
}  # fmt: skip


def lived(gate: Gate, seed: int, folder: Path) -> Case:
    """The busiest school of one story, with a checkpoint in the middle of its life and one at the end."""
    world, failure = live(gate, draw_story(seed, 0, 120))
    if failure:
        raise NotFound(f"The story itself does not hold, see the proof properties.\n{failure.told()}")
    there = world.history.schools[0].id
    points = checkpoint(gate, there)
    live_on(gate, there, b"in the middle", 5)
    points += checkpoint(gate, there)
    other = gate.schools(1)[0].id
    return Case(there, other, exported(there, gate.session("ledger_witness")), points, folder)


def checkpoint(gate: Gate, school: UUID) -> list[dict[str, Any]]:
    return list(keeper.make_checkpoint(school, connection=gate.session("app_keeper")))


def live_on(gate: Gate, school: UUID, what: bytes, times: int) -> None:
    """Leaves like any others: addresses that may not be written to."""
    for number in range(times):
        digest = hashlib.sha256(what + bytes([number])).digest()
        acts.add_suppression(
            channel="email", address_hash=digest, reason="stop", connection=gate.acting_for(f"school_{school.hex}")
        )


def forge_and_expect(case: Case) -> None:
    """Everything is recomputed, so that the ledger agrees with itself: only what left the platform shows it."""
    early, late = (point for point in case.checkpoints if point["origin"].endswith("/authority"))
    for place, between in ((0, (1, early["size"])), (early["size"], (early["size"] + 1, late["size"]))):
        streams = case.streams()
        streams["authority"][place]["at"] = "2020-02-29T00:00:00.000000Z"
        lines = forged(str(case.school), streams)
        case.expect([], "RESULT: GOOD", lines)
        case.expect(case.checkpoints, f"From leaf {between[0]} to leaf {between[1]} something", lines)
    case.expect(case.checkpoints, f"Since the checkpoint before it only leaves {early['size'] + 1} to {late['size']}")
    foreign = {**late, "origin": f"zgoda/{case.other_school}/authority"}
    case.expect([foreign], f"belongs to another school: {case.other_school}")


def roll_back_and_expect(case: Case, gate: Gate, made: Gates) -> None:
    """A copy of the database is kept; the true one lives on; then the copy takes its place, and lives on as well."""
    gate.close()
    copy = Gate(gate.cluster, f"{gate.database}_copy")
    gate_admin = f"CREATE DATABASE {copy.database} TEMPLATE {gate.database}"
    administer(gate, gate_admin)
    try:
        for login in ("app_school", "app_keeper", "ledger_witness"):
            administer(gate, f"GRANT CONNECT ON DATABASE {copy.database} TO {login}")
        live_on(gate, case.school, b"lost by the restoration", 4)
        late = [*case.checkpoints, *checkpoint(gate, case.school)]
        size = len(case.streams()["authority"])
        witness = copy.session("ledger_witness")
        case.expect(late, f"this ledger has only {size} leaves there", exported(case.school, witness))
        live_on(copy, case.school, b"another history", 6)
        fork = f"From leaf {size + 1} to leaf {size + 4} something"
        case.expect(late, fork, exported(case.school, witness))
        live_on(gate, case.school, b"the true history", 2)
        both = [*late, *checkpoint(gate, case.school), *checkpoint(copy, case.school)]
        case.expect(both, "cannot both be true: two different ledgers were shown", exported(case.school, witness))
    finally:
        copy.close()
        administer(gate, f"DROP DATABASE {copy.database} WITH (FORCE)")


def administer(gate: Gate, statement: str) -> None:
    with Gate(gate.cluster, "postgres").fresh("bootstrap") as connection:
        connection.execute(statement.encode())


def verify_many(leaves: int) -> tuple[float, float]:
    """Megabytes and seconds of the program, as a process of its own that reads the export as it is written."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-I", str(PROGRAM), "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=False
    )
    assert process.stdin is not None
    assert process.stdout is not None
    root = _root_of(leaves)
    with process.stdin as out:
        empty = f'{{"root":"{"0" * 64}","size":0}}'
        heads = f'"authority":{empty},"dispatch":{{"root":"{root}","size":{leaves}}},"vendor":{empty}'
        out.write(f'{{"format":"zgoda-ledger/1","school":"{SCHOOL}","streams":{{{heads}}}}}\n'.encode())
        for seq, (leaf, digest, chain) in enumerate(_decisions(leaves), start=1):
            out.write(b'{"chain":"%s","hash":"%s","leaf":%s,"seq":%d,"stream":"dispatch"}\n' % (
                chain.hex().encode(), digest.hex().encode(), leaf, seq))  # fmt: skip
        out.flush()
        megabytes = _most_memory(process.pid)
    said = process.stdout.read().decode()
    if process.wait() != 0 or f"all {leaves} leaves are there" not in said:
        raise NotFound(said)
    return megabytes, time.monotonic() - began


def _most_memory(process: int) -> float:
    """The most that the process has held so far, asked just before its input ends: what the kernel tells afterwards
    counts the memory of the parent that it was forked from."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


def _root_of(leaves: int) -> str:
    return deque(_decisions(leaves), maxlen=1)[0][2].hex()


def _decisions(leaves: int) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Leaves of the size of real ones, made twice rather than kept: once for the root, once to be written."""
    sha256, chain = hashlib.sha256, bytes(32)
    for number in range(leaves):
        leaf = (
            b'{"act":"decide","approval":7,"at":"2026-10-05T10:00:00.%06dZ","attempt":1,"campaign":"%032x",'
            b'"channel":"email","class":"vendor_marketing","code":null,"codes":[],"consent":"%032x","contact":"%032x",'
            b'"contact_version":1,"content":"%064x","envelope":"%032x","instruction":"%032x","kind":"vendor.campaign",'
            b'"notice":"%032x","policy":1,"resolution":"%032x","school":"0198f2aa-0000-7000-8000-00000000000a",'
            b'"stream":"dispatch","subject":"%032x","verdict":"ALLOW"}'
            % (number % 1_000_000, 1, number, number, 2, number, 3, 4, 5, number)
        )
        digest = sha256(b"\x00" + leaf).digest()
        chain = sha256(b"\x01" + chain + digest).digest()
        yield leaf, digest, chain
