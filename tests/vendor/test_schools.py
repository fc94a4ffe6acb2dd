"""The list of schools, as an operator finds one in it."""

import pytest
from django.test import Client


def found(olga: Client, query: str = "") -> set[str]:
    page = olga.get(f"/{query}").content.decode()
    return {name for name in ("OŠ Reka", "SP Brzozowa") if name in page}


@pytest.mark.parametrize(
    ("query", "schools"),
    [
        ("", {"OŠ Reka", "SP Brzozowa"}),
        ("?q=reka", {"OŠ Reka"}),
        ("?q=BRZ", {"SP Brzozowa"}),
        ("?q=sp-brzozowa", {"SP Brzozowa"}),
        ("?q=os+reka", {"OŠ Reka"}),
        ("?q=oš+reka", {"OŠ Reka"}),
        ("?country=PL", {"SP Brzozowa"}),
        ("?stage=onboarding", {"OŠ Reka", "SP Brzozowa"}),
        ("?stage=live", set()),
        ("?country=PL&q=reka", set()),
        ("?country=XX&stage=%00&page=-3", {"OŠ Reka", "SP Brzozowa"}),
        ("?page=99999999999999999999", {"OŠ Reka", "SP Brzozowa"}),
        ("?q=%00", {"OŠ Reka", "SP Brzozowa"}),
        ("?q=%25_'\"", set()),
    ],
)
def test_schools_are_found_by_name_address_country_and_stage(olga: Client, query: str, schools: set[str]) -> None:
    assert found(olga, query) == schools


def test_a_search_without_a_result_says_what_to_do(olga: Client) -> None:
    assert "No school fits" in olga.get("/?q=nowhere").content.decode()


def test_a_school_that_was_not_asked_says_so(olga: Client) -> None:
    page = olga.get("/?q=reka").content.decode()

    assert "Onboarding" in page
    assert "Primary school" in page
