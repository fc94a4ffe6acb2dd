"""What the program refuses: every change, and the first bad leaf by name."""

import io
import re
from collections.abc import Callable

import pytest

import zgoda_verify

from .conftest import Verify
from .ledgers import DISPATCH, OTHER_SCHOOL, SCHOOL, Ledger

EXPORT = Ledger().export()
LINES = [f"{line}\n" for line in Ledger().lines()]  # header, authority 1-3 (lines 2-4), dispatch 1-4 (lines 5-8)


def changed(**lines: str) -> bytes:
    """The export with whole lines replaced, by number (line_5='…')."""
    numbered = {int(name.removeprefix("line_")): text for name, text in lines.items()}
    return "".join(numbered.get(number, line) for number, line in enumerate(LINES, start=1)).encode()


def test_a_changed_leaf_is_named(verify: Verify) -> None:
    answer = verify(changed(line_6=LINES[5].replace('"ALLOW"', '"ALLOX"')))

    assert answer.exit_code == 1
    assert "First bad place: stream dispatch, leaf 2, line 6: the leaf's content does not match" in answer.text
    assert "Stream dispatch: leaves 1 to 1 agree" in answer.text
    assert "Everything behind the first bad place" in answer.text


def test_a_changed_leaf_with_a_recomputed_hash_breaks_the_chain(verify: Verify) -> None:
    forged = Ledger().with_leaf("dispatch", 2, DISPATCH[3]).lines()[5]
    chain = re.search(r'"chain":"\w+"', LINES[5])
    assert chain

    answer = verify(changed(line_6=re.sub(r'"chain":"\w+"', chain[0], forged) + "\n"))

    assert answer.exit_code == 1
    assert "stream dispatch, leaf 2, line 6: the chain breaks here" in answer.text


def test_a_changed_leaf_with_everything_recomputed_is_found_by_a_checkpoint(verify: Verify) -> None:
    ledger = Ledger()
    forged = ledger.with_leaf("dispatch", 3, DISPATCH[0])

    alone = verify(forged.export())
    witnessed = verify(forged.export(), checkpoints=tuple(ledger.checkpoint("dispatch", size) for size in (4, 2)))

    assert alone.exit_code == 0
    assert "Whoever runs Zgoda could have rewritten all of it" in alone.text
    assert witnessed.exit_code == 1
    assert "NOT the one that was witnessed. From leaf 3 to leaf 4" in witnessed.text


@pytest.mark.parametrize(
    ("export", "complaint"),
    [
        ("".join(LINES[:5] + LINES[6:]), "stream dispatch, leaf 2, line 6: leaf 2 should stand here, but leaf 3 does"),
        ("".join(LINES[:6] + LINES[5:]), "stream dispatch, leaf 3, line 7: leaf 3 should stand here, but leaf 2 does"),
        ("".join([*LINES[:5], LINES[6], LINES[5], *LINES[7:]]), "stream dispatch, leaf 2, line 6: leaf 2 should"),
        ("".join(LINES[:-1]), "stream dispatch, leaf 4, line 8: leaf 4 should follow here and is missing"),
        ("".join(LINES[:-2]), "stream dispatch, leaf 3, line 7: leaf 3 to leaf 4 should follow here and is missing"),
        ("".join([LINES[0], *LINES[4:]]), "stream authority, leaf 1, line 2: leaf 1 to leaf 3 should follow here"),
        ("".join([LINES[0], *LINES[4:], *LINES[1:4]]), "stream authority, leaf 1, line 2"),
        ("".join([*LINES, LINES[-1]]), "stream dispatch, leaf 5, line 9: leaf 5 should stand here, but leaf 4 does"),
        ("".join([*LINES, LINES[-1].replace('"seq":4', '"seq":5')]), "line 9: inserted, or the header was changed"),
        ("".join([*LINES, LINES[1]]), "line 9: a leaf of stream authority stands behind stream dispatch"),
        ("".join([*LINES, LINES[0]]), "line 9: this line does not name a stream"),
        ("".join([*LINES, "\n"]), "line 9: this line is damaged"),
        ("".join(LINES)[:-1], "line 8: this line is damaged or not in the one allowed form: its end is missing"),
        ("".join(LINES)[:-40], "line 8: this line is damaged"),
        ("".join(LINES).replace("\n", "\r\n"), "line 1: this line is damaged or not in the one allowed form: it ends"),
        ("\ufeff" + "".join(LINES), "line 1: this line is damaged"),
        (LINES[0], "stream authority, leaf 1, line 2: leaf 1 to leaf 3 should follow here and is missing"),
    ],
    ids=[
        "removed", "inserted", "re-ordered", "last removed", "two last removed", "stream removed", "streams exchanged",
        "appended again", "appended", "appended elsewhere", "two headers", "blank line", "no end of line", "cut",
        "Windows", "byte order mark", "only a header",
    ],
)  # fmt: skip
def test_what_was_removed_inserted_moved_or_cut_is_named(verify: Verify, export: str, complaint: str) -> None:
    answer = verify(export.encode())

    assert answer.exit_code == 1
    assert complaint in answer.text
    assert answer.text.endswith("RESULT: BAD\n")


def test_streams_that_changed_names_are_found_by_a_checkpoint(verify: Verify) -> None:
    ledger = Ledger()
    swapped = Ledger(
        streams={**ledger.streams, "authority": ledger.streams["dispatch"], "dispatch": ledger.streams["authority"]}
    )

    answer = verify(swapped.export(), checkpoints=(ledger.checkpoint("authority"),))

    assert answer.exit_code == 1
    assert "the ledger is NOT the one that was witnessed" in answer.text


def test_a_leaf_that_names_another_school_or_stream_than_its_line_is_refused(verify: Verify) -> None:
    for leaf in (f'{{"school":"{OTHER_SCHOOL}"}}', '{"stream":"vendor"}'):
        answer = verify(Ledger().with_leaf("dispatch", 2, leaf).export())

        assert answer.exit_code == 1
        assert "stream dispatch, leaf 2, line 6: the leaf itself names another school or another stream" in answer.text


@pytest.mark.parametrize(
    "leaf", ['{"n":9007199254740993}', '{"n":1.5}', '{"n":-0}', '{"č":1}', '{"b":1,"a":1}', '{"a":1,"a":1}']
)
def test_a_leaf_that_two_programs_could_read_differently_is_refused_although_its_hashes_fit(
    verify: Verify, leaf: str
) -> None:
    answer = verify(Ledger().with_leaf("dispatch", 2, leaf).export())

    assert answer.exit_code == 1
    assert "line 6: this line is damaged or not in the one allowed form" in answer.text


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line.replace('"policy":1', '"policy":1,"policy":1'),
        lambda line: line.replace('"policy":1', '"policy":0,"policy":1'),
        lambda line: line.replace('"seq":1', '"seq":1,"seq":1'),
        lambda line: line.replace('"policy":1', '"policy": 1'),
        lambda line: line.replace('"policy":1', '"policy":1.0'),
        lambda line: line.replace('"policy":1', '"policy":1e0'),
        lambda line: line.replace('"seq":1', '"seq":01'),
        lambda line: line.replace('"seq":1', '"seq":true'),
        lambda line: line.replace('"seq":1', '"seq":-1'),
        lambda line: line.replace('"seq":1', '"seq":9007199254740993'),
        lambda line: line.replace('"policy"', '"\\u0070olicy"'),
        lambda line: line.replace('"9f"', '"\\u0039f"'),
        lambda line: line.replace('"9f"', '"\\ud800"'),
        lambda line: line.replace('"9f"', "NaN"),
        lambda line: line.replace('"codes":', '"čodes":'),
        lambda line: line.replace('"seq":1,"stream":"dispatch"', '"stream":"dispatch","seq":1'),
        lambda line: line.replace("}\n", ',"zzz":1}\n'),
        lambda line: line.replace("}\n", "} \n"),
        lambda line: " " + line,
        lambda line: line.replace(
            re.findall(r'"hash":"(\w+)"', line)[0], re.findall(r'"hash":"(\w+)"', line)[0].upper()
        ),
        lambda line: line.replace("\n", "\r\n"),
        lambda line: re.sub(r'"leaf":\{.*\},"seq"', '"leaf":[],"seq"', line),
        lambda line: re.sub(r'"leaf":\{.*\},"seq"', f'"leaf":{"[" * 100_000},"seq"', line),
        lambda line: re.sub(r'"leaf":\{.*\},"seq"', f'"leaf":{"9" * 5_000},"seq"', line),
        lambda line: re.sub(r'"leaf":\{.*\},"seq"', f'"leaf":"{"x" * (1 << 20)}","seq"', line),
        lambda _: "[]\n",
        lambda _: "null\n",
    ],
)
def test_a_line_that_is_not_in_the_one_allowed_form_is_refused(verify: Verify, spoil: Callable[[str], str]) -> None:
    spoilt = spoil(LINES[4])
    assert spoilt != LINES[4]

    answer = verify(changed(line_5=spoilt))

    assert answer.exit_code == 1
    assert "line 5: " in answer.text


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line.replace('"size":3', '"size":2'),
        lambda line: line.replace('"size":4', '"size":5'),
        lambda line: line.replace('"size":4', '"size":"4"'),
        lambda line: line.replace('"size":0', '"size":-0'),
        lambda line: re.sub(r'"root":"[1-9a-f]\w{63}"', f'"root":"{"0" * 64}"', line),
        lambda line: re.sub(r'"root":"0\w{63}"', f'"root":"{"1" * 64}"', line),
        lambda line: re.sub(r',"vendor":\{[^}]*\}', "", line),
        lambda line: line.replace('"vendor"', '"vendors"'),
        lambda line: line.replace(SCHOOL, SCHOOL.upper()),
        lambda line: line.replace(SCHOOL, "school"),
        lambda line: line.replace('"format"', '"extra":1,"format"'),
    ],
)
def test_a_header_that_does_not_fit_is_refused(verify: Verify, spoil: Callable[[str], str]) -> None:
    spoilt = spoil(LINES[0])
    assert spoilt != LINES[0]

    assert verify(changed(line_1=spoilt)).exit_code == 1


def exit_code_of(export: bytes, proofs: list[zgoda_verify.Proof]) -> int:
    findings = zgoda_verify.Findings()
    try:
        zgoda_verify.verify_ledger(io.BytesIO(export), findings, proofs)
    except zgoda_verify.LedgerError:
        return zgoda_verify.BAD
    except zgoda_verify.UnusableError:
        return zgoda_verify.UNUSABLE
    return findings.exit_code


def test_every_byte_that_is_changed_removed_or_added_is_found() -> None:
    proof = zgoda_verify.Proof("checkpoint", SCHOOL, "vendor", 0, "0" * 64, "a mail")
    assert exit_code_of(EXPORT, [proof]) == 0

    unnoticed = [
        (place, what)
        for place in range(len(EXPORT))
        for what, mutant in (
            *(
                ("changed", EXPORT[:place] + bytes([EXPORT[place] ^ bits]) + EXPORT[place + 1 :])
                for bits in (1, 2, 32, 128)
            ),
            ("removed", EXPORT[:place] + EXPORT[place + 1 :]),
            ("doubled", EXPORT[:place] + EXPORT[place : place + 1] + EXPORT[place:]),
        )
        if exit_code_of(mutant, [proof]) == 0 and mutant != EXPORT
    ]

    assert unnoticed == []
