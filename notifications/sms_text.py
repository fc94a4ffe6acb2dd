"""How long a text message is, in the units a provider counts and charges (3GPP TS 23.038 and 23.040)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

# The default alphabet, by its code from 0x00 on; 0x1B is the escape to the extension table and no character.
_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Sent as the escape and one more: two septets each.
_GSM_EXTENSION = frozenset("\f^{}\\[~]|€")

# One message holds 140 bytes. In a longer text each part gives six of them to the header that joins the parts.
_ALONE: dict[Encoding, int] = {"GSM-7": 160, "UCS-2": 70}
_JOINED: dict[Encoding, int] = {"GSM-7": 153, "UCS-2": 67}


@dataclass(frozen=True, slots=True)
class SmsParts:
    """`characters` as they count: two for a character of the extension table, or outside the basic plane."""

    encoding: Encoding
    characters: int
    parts: int


def sms_parts(text: str) -> SmsParts:
    """Encoding, length and number of messages of a text; one letter outside GSM-7 makes all of it UCS-2."""
    encoding: Encoding = "GSM-7" if _GSM_BASIC.issuperset(set(text) - _GSM_EXTENSION) else "UCS-2"
    widths = [_width(character, encoding) for character in text]
    characters = sum(widths)
    if characters <= _ALONE[encoding]:
        return SmsParts(encoding, characters, parts=1 if text else 0)
    return SmsParts(encoding, characters, parts=_joined_parts(widths, _JOINED[encoding]))


def _width(character: str, encoding: Encoding) -> int:
    if encoding == "GSM-7":
        return 2 if character in _GSM_EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1


def _joined_parts(widths: Iterable[int], room: int) -> int:
    """How many parts hold these characters, none of which is ever cut in two."""
    parts, left = 1, room
    for width in widths:
        if width > left:
            parts, left = parts + 1, room
        left -= width
    return parts
