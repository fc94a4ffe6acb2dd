"""The languages people read here, and how a day is written in each."""

from datetime import date
from typing import Literal

from babel.dates import format_date

Language = Literal["sl", "pl", "uk", "en"]

# In their own words: a person who landed in the wrong language must recognise the right one.
LANGUAGES: dict[Language, str] = {"sl": "slovenščina", "pl": "polski", "uk": "українська", "en": "English"}

# CLDR's long form has the nominative for Slovenian and an abbreviated year for Ukrainian; neither fits a sentence.
DAY_PATTERNS: dict[Language, str] = {"sl": "d. M. y", "pl": "d MMMM y", "uk": "d MMMM y 'року'", "en": "d MMMM y"}


def known_language(*candidates: str | None) -> Language:
    """The first candidate we speak ("pl-PL" counts as "pl"), otherwise English."""
    for candidate in candidates:
        short = (candidate or "").replace("_", "-").split("-")[0].lower()
        for language in LANGUAGES:
            if short == language:
                return language
    return "en"


def format_day(day: date, language: Language) -> str:
    return format_date(day, DAY_PATTERNS[language], locale=language)


def in_language(names: dict[str, str], language: Language) -> str:
    """A name kept by language, in this one or else in the first there is."""
    return names.get(language) or next((names[key] for key in sorted(names) if names[key]), "")
