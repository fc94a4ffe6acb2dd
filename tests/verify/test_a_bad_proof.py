"""Checkpoints and receipts that do not fit, and inputs with which nothing can be done."""

import json
from collections.abc import Callable

import pytest

from .conftest import Verify
from .ledgers import DISPATCH, OTHER_SCHOOL, Ledger

LEDGER = Ledger()
EXPORT = LEDGER.export()


def test_a_checkpoint_of_another_school_is_refused(verify: Verify) -> None:
    answer = verify(EXPORT, checkpoints=(Ledger(school=OTHER_SCHOOL).checkpoint("dispatch"),))

    assert answer.exit_code == 1
    assert f"belongs to another school: {OTHER_SCHOOL}" in answer.text


def test_the_ledger_of_another_school_is_refused(verify: Verify) -> None:
    foreign = Ledger(school=OTHER_SCHOOL).export()

    assert verify(foreign, more=("--school", LEDGER.school)).exit_code == 1
    assert verify(foreign, receipts=(LEDGER.receipt(1),)).exit_code == 1


def test_a_checkpoint_of_another_stream_is_refused(verify: Verify) -> None:
    answer = verify(EXPORT, checkpoints=(LEDGER.checkpoint("authority").replace("/authority", "/dispatch"),))

    assert answer.exit_code == 1


def test_a_checkpoint_beyond_the_end_shows_that_leaves_are_missing(verify: Verify) -> None:
    shortened = Ledger(streams={**LEDGER.streams, "dispatch": DISPATCH[:3]})

    answer = verify(shortened.export(), checkpoints=(LEDGER.checkpoint("dispatch"),))

    assert answer.exit_code == 1
    assert "this ledger has only 3 leaves there" in answer.text


def test_a_checkpoint_taken_before_anything_happened_must_have_the_empty_root(verify: Verify) -> None:
    empty = LEDGER.checkpoint("dispatch", 0)

    assert verify(EXPORT, checkpoints=(empty,)).exit_code == 0
    assert verify(EXPORT, checkpoints=(empty.replace("0000", "0001", 2),)).exit_code != 0


def test_every_bad_checkpoint_is_reported_not_only_the_first(verify: Verify) -> None:
    forged = LEDGER.with_leaf("dispatch", 1, DISPATCH[3]).with_leaf("authority", 1, DISPATCH[3])

    answer = verify(forged.export(), checkpoints=(LEDGER.checkpoint("dispatch"), LEDGER.checkpoint("authority")))

    assert answer.exit_code == 1
    assert answer.text.count("the ledger is NOT the one that was witnessed") == 2


def test_two_checkpoints_of_the_same_place_that_differ_are_reported(verify: Verify) -> None:
    forked = LEDGER.with_leaf("dispatch", 4, DISPATCH[0])

    answer = verify(EXPORT, checkpoints=(LEDGER.checkpoint("dispatch"), forked.checkpoint("dispatch")))

    assert answer.exit_code == 1
    assert "cannot both be true: two different ledgers were shown" in answer.text


def test_a_later_checkpoint_of_fewer_leaves_shows_that_the_ledger_became_shorter(verify: Verify) -> None:
    later = LEDGER.checkpoint("dispatch", 2).replace("2020-09-12", "2020-09-13")

    answer = verify(EXPORT, checkpoints=(later, LEDGER.checkpoint("dispatch")))

    assert answer.exit_code == 1
    assert "covers 4 leaves: the ledger became shorter" in answer.text


def test_between_two_good_checkpoints_leaves_were_only_added(verify: Verify) -> None:
    answer = verify(
        EXPORT, checkpoints=(LEDGER.checkpoint("dispatch", 1).replace("-12T", "-11T"), LEDGER.checkpoint("dispatch"))
    )

    assert answer.exit_code == 0
    assert "Since the checkpoint before it only leaves 2 to 4 were added" in answer.text


def test_a_receipt_for_a_decision_that_the_ledger_does_not_hold_is_refused(verify: Verify) -> None:
    elsewhere = LEDGER.with_leaf("dispatch", 3, DISPATCH[3])

    answer = verify(EXPORT, receipts=(elsewhere.receipt(3),))

    assert answer.exit_code == 1
    assert "the ledger holds a different decision at this place" in answer.text


def test_a_receipt_at_another_place_or_beyond_the_end_is_refused(verify: Verify) -> None:
    assert verify(EXPORT, receipts=(LEDGER.receipt(3).replace('"seq":3', '"seq":4'),)).exit_code == 1
    assert verify(EXPORT, receipts=(LEDGER.receipt(3).replace('"seq":3', '"seq":5'),)).exit_code == 1


def test_a_receipt_whose_content_was_changed_is_refused(verify: Verify) -> None:
    answer = verify(EXPORT, receipts=(LEDGER.receipt(1).replace('"DENY"', '"ALLOW"'),))

    assert answer.exit_code == 1
    assert "does not match its own hash" in answer.text


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace('"size":4', '"size":4,"size":3'),
        lambda text: text.replace('"size":4', '"size":"4"'),
        lambda text: text.replace('"at"', '"when"'),
        lambda text: text.replace("2020-09-12T00:00:00Z", "\\u001b[2J RESULT: GOOD"),
        lambda text: text.replace("zgoda/", "zgoda2/"),
        lambda text: text.replace("/dispatch", "/despatch"),
        lambda text: text.replace('"root":"', '"root":"0'),
        lambda text: text[:-1],
        lambda text: text + text[:-5],
        lambda text: json.loads(text)["origin"] + "\n4\n" + json.loads(text)["root"][:-1],
        lambda text: json.loads(text)["origin"] + "\n" + json.loads(text)["root"],
        lambda text: "{origin}\n{size}\n{root}\n{origin}\n".format_map(json.loads(text)),
        lambda _: "nothing here",
        lambda _: "",
    ],
)
def test_a_damaged_checkpoint_is_unusable_and_the_rest_is_still_checked(
    verify: Verify, spoil: Callable[[str], str]
) -> None:
    answer = verify(EXPORT, checkpoints=(spoil(LEDGER.checkpoint("dispatch")), LEDGER.checkpoint("authority")))

    assert answer.exit_code == 2
    assert "WHAT COULD NOT BE USED" in answer.text
    assert answer.text.count("the ledger up to there is the one that was witnessed") == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace('"seq":1', '"seq":1,"seq":1'),
        lambda text: text.replace('"policy":1', '"policy":1,"policy":1'),
        lambda text: text.replace('"policy":1', '"policy":1.5'),
        lambda text: text.replace("zgoda-receipt/1", "zgoda-receipt/2"),
        lambda text: text.replace('"seq":1', '"seq":0'),
        lambda text: text.replace('"9f"', '"\\ud800"'),
        lambda text: text[:-1],
        lambda _: "{}",
    ],
)
def test_a_damaged_receipt_is_unusable(verify: Verify, spoil: Callable[[str], str]) -> None:
    assert verify(EXPORT, receipts=(spoil(LEDGER.receipt(1)),)).exit_code == 2


@pytest.mark.parametrize("content", [b"", b"\n", b"PK\x03\x04", b"Dear chair,\n", b'{"format":"zgoda-ledger/2"}\n'])
def test_a_file_that_is_no_ledger_is_unusable(verify: Verify, content: bytes) -> None:
    answer = verify(content)

    assert answer.exit_code == 2
    assert answer.text.endswith("RESULT: UNUSABLE\n")


def test_a_missing_file_is_unusable(verify: Verify) -> None:
    assert verify(EXPORT, more=("--checkpoint", "no-such-file")).exit_code == 2


def test_a_bad_ledger_counts_more_than_an_unusable_checkpoint(verify: Verify) -> None:
    assert verify(EXPORT[:-1], checkpoints=("nothing",)).exit_code == 1
