"""Whoever writes as if a school wrote is told before the gate refuses it: its folding decides, ours is the twin."""

from typing import Any

import pytest
from django.test import Client

from opt_in.console.surface import _folded
from tests.vendor.test_campaigns import mail, write


@pytest.mark.parametrize(
    ("text", "is_imitating"),
    [
        ({"subject_sl": "OŠ Reka vas vabi"}, True),
        ({"body_sl": "Pozdravljeni!\r\n\r\nLep pozdrav,\r\no.s. R\u200beka"}, True),
        ({"body_sl": "OŠ R\u0435ka"}, True),
        ({"body_sl": "a" * 400 + " OŠ Reka " + "b" * 400}, False),
        ({}, False),
    ],
)
def test_who_seems_to_write_for_a_school_is_told_before_the_school_refuses(
    olga: Client, text: dict[str, str], is_imitating: bool
) -> None:
    write(olga, "email", mail(**text))

    page = olga.get("/campaigns/new/email/look/").content.decode()

    assert ("As if written by a school" in page) is is_imitating


@pytest.mark.parametrize(
    "text",
    [
        "OŠ Reka",
        "Гімназія «Сосни»",
        "SP im. ks. J. Twardowskiego w Brzozowej",
        "Łódź №1 - ﬁ ½ ǅ",
        "o\u200bš_r-e\nk a",
        "\u03a1\u0395\u039a\u0391",
        "İ ß",
    ],
)
def test_a_text_is_folded_as_the_gate_folds_it(django_db_setup: None, gate_rows: Any, text: str) -> None:
    assert gate_rows.execute("SELECT consent.fold_text(%s)", [text]).fetchone() == (_folded(text),)
