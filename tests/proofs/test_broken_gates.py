"""Broken gates are caught, and what is not broken is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from opt_in.gate.bootstrap import SQL_FOLDER
from proofs import broken_gates
from proofs.properties.gates import Gates, gates
from proofs.variants import VARIANTS, TextNotFound, Variant

SEED = 20261121


@pytest.fixture(scope="module")
def made() -> Iterator[Gates]:
    with gates() as made:
        yield made


@pytest.mark.timeout(240)
def test_every_broken_gate_of_the_quick_part_is_caught() -> None:
    proof = broken_gates.prove(seed=SEED, seconds=60, quick=True)

    assert proof.figures["broken gates"] == len(broken_gates.QUICK)
    assert proof.figures["caught by the self-check"] == len(broken_gates.QUICK)
    assert len(proof.sentences) == len(broken_gates.QUICK)


def test_every_variant_still_finds_the_text_that_it_replaces() -> None:
    for variant in VARIANTS:
        with broken_gates.broken_sql(variant) as folder:
            assert (folder / variant.file).read_text() != (SQL_FOLDER / variant.file).read_text()


def test_a_variant_whose_text_is_gone_fails_loudly(tmp_path: Path) -> None:
    (tmp_path / "60_claim.sql").write_text("-- rewritten")
    variant = Variant("no claim-time check", "60_claim.sql", "FROM consent.decide_batch", "FROM nothing")

    with pytest.raises(TextNotFound, match="no claim-time check"):
        variant.write_to(tmp_path)


def test_a_change_that_breaks_nothing_survives_the_stories(made: Gates) -> None:
    harmless = Variant("harmless", "60_claim.sql", "IF v_d.ids IS NULL THEN", "IF v_d.ids IS NULL AND true THEN")

    with pytest.raises(broken_gates.Survived, match="harmless survived 3 stories"):
        broken_gates.catch(made, harmless, SEED, most=3)


def test_a_change_that_the_self_check_cannot_see_is_told(made: Gates) -> None:
    unseen = Variant("unseen", "60_claim.sql", "-- The decision that counts.", "-- The decision that counts!")

    with pytest.raises(broken_gates.Survived, match="the self-check finds nothing"):
        broken_gates.catch(made, unseen, SEED, most=1)
