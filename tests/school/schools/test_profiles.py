from datetime import date

import pytest

from tenants.profiles import UnknownCountry, profile_of
from tenants.profiles.profile import read_profile


@pytest.mark.parametrize(
    ("country", "languages", "highest", "pass_from", "accounts_from"),
    [("SI", ("sl", "en"), 5, 2, 6), ("PL", ("pl", "uk", "en"), 6, 2, 6), ("UA", ("uk", "en"), 12, None, 5)],
)
def test_the_three_countries(
    country: str, languages: tuple[str, ...], highest: int, pass_from: int | None, accounts_from: int
) -> None:
    profile = profile_of(country)

    assert profile.languages == languages
    assert (profile.marks.highest, profile.marks.pass_from) == (highest, pass_from)
    assert profile.pupil_account_from_grade == accounts_from
    assert "present" in {mark.code for mark in profile.attendance}


@pytest.mark.parametrize("country", ["XX", "", "../si", "si.toml"])
def test_a_country_without_a_profile_is_unknown(country: str) -> None:
    with pytest.raises(UnknownCountry):
        profile_of(country)


@pytest.mark.parametrize(
    ("day", "begins", "ends"),
    [
        (date(2026, 11, 21), date(2026, 9, 1), date(2027, 8, 31)),
        (date(2026, 8, 31), date(2025, 9, 1), date(2026, 8, 31)),
        (date(2026, 9, 1), date(2026, 9, 1), date(2027, 8, 31)),
    ],
)
def test_a_school_year_holds_its_days(day: date, begins: date, ends: date) -> None:
    year = profile_of("SI").school_year

    assert (year.beginning_of(day), year.end_of(day)) == (begins, ends)


def test_a_profile_that_says_too_much_or_too_little_is_refused() -> None:
    from importlib import resources

    text = (resources.files("tenants.profiles") / "si.toml").read_text(encoding="utf-8")

    with pytest.raises(ValueError, match="does not know"):
        read_profile('favourite_colour = "green"\n' + text)
    with pytest.raises(TypeError, match="currency"):
        read_profile(text.replace('currency = "EUR"\n', ""))
    with pytest.raises(ValueError, match="needs a name"):
        read_profile(text.replace('5 = "odlično"', '7 = "odlično"'))
