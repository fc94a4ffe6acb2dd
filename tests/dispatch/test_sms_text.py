import random

import pytest

from notifications.sms_text import SmsParts, sms_parts

PLAIN = "aZ09 @£$Δ§à\n"
EXTENDED = "^{}\\[~]|€\f"
BEYOND = "čščшжїґł"
PAIRS = "😀🏫"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", SmsParts("GSM-7", 0, 0)),
        ("a", SmsParts("GSM-7", 1, 1)),
        ("a" * 160, SmsParts("GSM-7", 160, 1)),
        ("a" * 161, SmsParts("GSM-7", 161, 2)),
        ("a" * 306, SmsParts("GSM-7", 306, 2)),
        ("a" * 307, SmsParts("GSM-7", 307, 3)),
        ("č" * 70, SmsParts("UCS-2", 70, 1)),
        ("č" * 71, SmsParts("UCS-2", 71, 2)),
        ("č" * 134, SmsParts("UCS-2", 134, 2)),
        ("č" * 135, SmsParts("UCS-2", 135, 3)),
        ("€" * 80, SmsParts("GSM-7", 160, 1)),
        ("€" * 81, SmsParts("GSM-7", 162, 2)),
        ("😀" * 35, SmsParts("UCS-2", 70, 1)),
        ("😀" * 36, SmsParts("UCS-2", 72, 2)),
    ],
)
def test_the_limits_of_one_part_and_of_joined_parts(text: str, expected: SmsParts) -> None:
    assert sms_parts(text) == expected


@pytest.mark.parametrize("letter", [*"ąćęłńóśźżĄĆĘŁŃÓŚŹŻčšžČŠŽабвгґдеєжзиіїйклмнопрстуфхцчшщьюяАЇҐçÁ„”…"])
def test_letters_of_our_languages_outside_gsm_7_make_the_whole_text_ucs_2(letter: str) -> None:
    assert sms_parts("a" * 70 + letter) == SmsParts("UCS-2", 71, 2)


def test_no_basic_letter_makes_a_text_longer() -> None:
    basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ÄÖÑÜ§¿äöñüà"

    assert sms_parts(basic) == SmsParts("GSM-7", len(basic), 1)


def test_a_character_of_two_septets_is_not_cut_by_the_end_of_a_part() -> None:
    # 152 and an extension character: it moves to the second part, and then 306 units do not fit two parts.
    assert sms_parts("a" * 152 + "€" + "a" * 151) == SmsParts("GSM-7", 305, 2)
    assert sms_parts("a" * 152 + "€" + "a" * 152) == SmsParts("GSM-7", 306, 3)


def test_a_surrogate_pair_is_not_cut_by_the_end_of_a_part() -> None:
    assert sms_parts("č" * 66 + "😀" + "č" * 65) == SmsParts("UCS-2", 133, 2)
    assert sms_parts("č" * 66 + "😀" + "č" * 66) == SmsParts("UCS-2", 134, 3)


@pytest.mark.parametrize("seed", range(200))
def test_whatever_the_text_its_units_fit_its_parts_and_more_text_never_costs_less(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 — repeatable, no secret
    alphabet = PLAIN + EXTENDED + (BEYOND + PAIRS if chance.random() < 0.5 else "")
    text = "".join(chance.choices(alphabet, k=chance.randrange(1, 700)))
    found = sms_parts(text)
    alone, joined = (160, 153) if found.encoding == "GSM-7" else (70, 67)

    if found.encoding == "UCS-2":
        assert found.characters == len(text.encode("utf-16-le")) // 2
    else:
        assert found.characters == len(text) + sum(text.count(character) for character in EXTENDED)
    if found.parts == 1:
        assert found.characters <= alone
    else:
        # At most one unit a part is lost to a character that may not be cut.
        assert (found.parts - 1) * (joined - 1) < found.characters <= found.parts * joined
    longer = sms_parts(text + chance.choice(alphabet))
    assert longer.parts >= found.parts
    assert longer.characters > found.characters
