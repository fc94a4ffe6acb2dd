"""The order of a class register: by the alphabet of the school's language. PostgreSQL as we ship it has no ICU."""

import unicodedata
from collections.abc import Iterable

from tenants.people.models import User

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_ALPHABETS = {
    "sl": "abcčćdđefghijklmnopqrsštuvwxyzž",
    "pl": "aąbcćdeęfghijklłmnńoópqrsśtuvwxyzźż",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя" + _LATIN,
}


def in_register_order(people: Iterable[User], *, language: str) -> list[User]:
    """By family name, then given name. A letter that the alphabet lacks stands with its base letter: É with E."""
    places = {letter: place for place, letter in enumerate(_ALPHABETS.get(language, _LATIN), start=1)}

    def key(name: str) -> list[int]:
        return [_place(letter, places) for letter in unicodedata.normalize("NFC", name.casefold())]

    return sorted(people, key=lambda person: (key(person.family_name), key(person.given_name), person.pk))


def _place(letter: str, places: dict[str, int]) -> int:
    found = places.get(letter) or places.get(unicodedata.normalize("NFD", letter)[0])
    if found is not None:
        return found
    # Blanks, hyphens and apostrophes before every letter; letters of other scripts after all.
    return 1000 + ord(letter) if letter.isalpha() else 0
