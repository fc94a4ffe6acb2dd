"""What zgoda-verify finds in real ledgers that were tampered with; the proof notices what it would not find."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import zgoda_verify
from proofs import ledger
from proofs.ledger import Case, NotFound, forge_and_expect, lived, verify_many
from proofs.properties.gates import gates, let_the_clock_be_set
from tests.verify.conftest import second_opinion, write

SEED = 20260901


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with gates() as made, made.gate() as gate:
        let_the_clock_be_set(gate)
        yield lived(gate, SEED, tmp_path_factory.mktemp("ledger"))


def test_every_tampering_is_named() -> None:
    figures = ledger.prove(seed=SEED, seconds=15, quick=True).figures

    assert figures["tamperings"] == ledger.QUICK_TAMPERINGS


def test_memory_does_not_grow_with_the_ledger() -> None:
    small, _ = verify_many(2_000)
    large, _ = verify_many(30_000)

    assert large < small + 4


def test_the_second_verifier_agrees_about_a_real_ledger(case: Case, tmp_path: Path) -> None:
    good = write(tmp_path / "good.jsonl", "".join(f"{line}\n" for line in case.lines))
    mails = [
        write(tmp_path / f"{number}.json", json.dumps(point, separators=(",", ":"), sort_keys=True))
        for number, point in enumerate(case.checkpoints)
    ]
    bad = write(tmp_path / "bad.jsonl", "".join(f"{line}\n" for line in case.lines).replace("Z", "z", 1))

    assert second_opinion(good, mails).exit_code == 0
    assert second_opinion(bad, mails).exit_code == 1


def test_every_leaf_names_its_school_and_its_stream(case: Case) -> None:
    for stream, leaves in case.streams().items():
        assert {(leaf["school"], leaf["stream"]) for leaf in leaves} <= {(str(case.school), stream)}


@pytest.mark.parametrize(
    ("function", "broken"),
    [
        ("leaf_hash", lambda leaf: bytes(32)),
        ("check_leaf", lambda record, *_: (bytes.fromhex(record["hash"]), bytes.fromhex(record["chain"]))),
        ("close_streams", lambda *_: None),
    ],
)
def test_a_verifier_that_looks_away_is_noticed(
    case: Case, monkeypatch: pytest.MonkeyPatch, function: str, broken: Callable[..., object]
) -> None:
    monkeypatch.setattr(zgoda_verify, function, broken)
    dice = random.Random(SEED)  # noqa: S311 — repeatable, not secret

    with pytest.raises(NotFound):
        for _ in range(100):
            case.tamper(dice)


@pytest.mark.parametrize("blind_to", ["NOT the one", "belongs to another school", "Since the checkpoint"])
def test_a_verifier_that_trusts_every_checkpoint_is_noticed(
    case: Case, monkeypatch: pytest.MonkeyPatch, blind_to: str
) -> None:
    told = zgoda_verify.report
    monkeypatch.setattr(
        zgoda_verify, "report", lambda findings: [line for line in told(findings) if blind_to not in line]
    )

    with pytest.raises(NotFound):
        forge_and_expect(case)
