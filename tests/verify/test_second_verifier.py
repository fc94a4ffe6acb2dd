"""The second verifier, in another language: it says the same as the first about everything in these tests."""

import random
from pathlib import Path

import pytest

from .conftest import second_opinion, write
from .ledgers import OTHER_SCHOOL, Ledger
from .test_a_bad_ledger import exit_code_of

LEDGER = Ledger()
EXPORT = LEDGER.export()


def test_it_accepts_a_good_ledger_with_checkpoints(tmp_path: Path) -> None:
    checkpoints = [
        write(tmp_path / f"{stream}.json", LEDGER.checkpoint(stream)) for stream in ("authority", "dispatch", "vendor")
    ]

    answer = second_opinion(write(tmp_path / "ledger.jsonl", EXPORT), checkpoints)

    assert (answer.exit_code, answer.text) == (
        0,
        "good: 3 leaves of authority, 4 leaves of dispatch, 0 leaves of vendor\n",
    )


@pytest.mark.parametrize(
    "checkpoint",
    [
        LEDGER.checkpoint("authority").replace("/authority", "/dispatch"),
        Ledger(school=OTHER_SCHOOL).checkpoint("dispatch"),
        LEDGER.checkpoint("dispatch").replace('"size":4', '"size":5'),
        LEDGER.checkpoint("dispatch", 3).replace('"size":3', '"size":2'),
    ],
    ids=["of another stream", "of another school", "beyond the end", "of another place"],
)
def test_it_refuses_a_ledger_that_was_not_the_one_witnessed(tmp_path: Path, checkpoint: str) -> None:
    ledger = write(tmp_path / "ledger.jsonl", EXPORT)

    assert second_opinion(ledger, [write(tmp_path / "checkpoint.json", checkpoint)]).exit_code == 1


def test_both_say_the_same_of_a_ledger_with_any_byte_changed_removed_or_added(tmp_path: Path) -> None:
    chance = random.Random(20260901)  # noqa: S311 — repeatable, not secret
    for number in range(150):
        place, byte = chance.randrange(len(EXPORT)), bytes([chance.randrange(256)])
        mutant = EXPORT[:place] + chance.choice([byte, b"", byte + EXPORT[place : place + 1]]) + EXPORT[place + 1 :]

        second = second_opinion(write(tmp_path / f"{number}.jsonl", mutant))

        assert (second.exit_code == 0) == (exit_code_of(mutant, []) == 0), (place, byte, second.text)


@pytest.mark.parametrize(
    "leaf",
    [
        '{"n":9007199254740991,"nn":-9007199254740991,"z":0}',
        '{"":"","a":{},"b":[],"c":[[],{}],"d":[true,false,null]}',
        '{"a":"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f \\"\\\\/\x7f"}',
        '{"a\\"":1,"b\\n":2}',
        '{"school":"0198f2aa-0000-7000-8000-00000000000a","stream":"dispatch"}',
    ],
)  # fmt: skip
def test_both_accept_every_form_that_is_allowed(tmp_path: Path, leaf: str) -> None:
    export = LEDGER.with_leaf("dispatch", 1, leaf).export()

    assert exit_code_of(export, []) == 0
    assert second_opinion(write(tmp_path / "ledger.jsonl", export)).exit_code == 0


@pytest.mark.parametrize(
    "leaf",
    [
        '{"n":9007199254740992}', '{"n":12345678901234567}', '{"n":-0}', '{"n":1.0}', '{"n":1e2}',
        '{"n":01}', '{"n":+1}', '{"b":1,"a":2}', '{"a":1,"a":2}', '{"č":1}', '{"a":"\\/"}',
        '{"a":"\\u000a"}', '{"a":"\\u001F"}', '{"a":"\\u0041"}', '{"a":"\\ud83d\\ude00"}', '{"a":"\\u007f"}',
        '{"a":"\x01"}', '{"a": 1}', '{"a":1,}', '{"a":[1,]}', '{"a":NaN}', '{"a":tru}', '{"a":1}]',
        '{"a":1},"m":{}', '{"school":"x"}', '{"school":null}', '{"stream":"vendor"}', '[]', '{"a"}',
    ],
)  # fmt: skip
def test_both_refuse_every_form_that_is_not(tmp_path: Path, leaf: str) -> None:
    export = LEDGER.with_leaf("dispatch", 1, leaf).export()

    assert exit_code_of(export, []) == 1
    assert second_opinion(write(tmp_path / "ledger.jsonl", export)).exit_code == 1
