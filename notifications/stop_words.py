"""The words that stop the vendor's offers when they come as a reply, from the countries' profiles."""

import re
import unicodedata
from functools import cache

from notifications.languages import Language
from notifications.sms_text import sms_parts
from tenants.profiles.profile import profile_of

COUNTRIES = ("SI", "PL", "UA")
# Letters that look alike in two scripts, and are mixed on phones whose keyboard was not switched.
_LOOK_ALIKES = str.maketrans("асеорхукмтнвіј", "aceopxykmthbij")
_WORD = re.compile(r"\w+")
# A withdrawal may be clad in politeness, but a long message that mentions the word is a letter to somebody.
MOST_WORDS = 4
_LONGEST = 400


def stop_word_for(country: str, language: Language) -> str:
    """The word to name in a message: the country's first, and outside Ukrainian one that is cheap to write."""
    words = profile_of(country).stop_words
    if language == "uk":
        return words[0]
    return next((word for word in words if sms_parts(word).encoding == "GSM-7"), words[0])


def means_stop(text: str) -> bool:
    """Whether a reply stops offers, in any of our countries' words: a withdrawal binds however it is put.

    Case, accents, punctuation, spaces and look-alike letters do not matter. The word may begin the reply, or stand in a
    reply of at most four words.
    """
    words = _WORD.findall(_plain(text[:_LONGEST]))
    if not words:
        return False
    known = _known_words()
    looked_at = words if len(words) <= MOST_WORDS else words[:1]
    return "".join(words) in known or any(word in known for word in looked_at)


@cache
def _known_words() -> frozenset[str]:
    return frozenset(_plain(word) for country in COUNTRIES for word in profile_of(country).stop_words)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).translate(_LOOK_ALIKES)
