"""What the vendor sees of an answer: each school as a whole, and people in tens only. The real keeper has judged."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.test import Client
from django.utils import timezone
from psycopg.types.json import Jsonb

from opt_in.gate import vendor as gate
from tenants.schools.models import School
from tests.surroundings import start_cluster

# How many messages in which state, as the keeper counted them at OŠ Reka.
COUNTED = {
    ("sent", ""): 67,
    ("failed", ""): 7,
    ("bounced", ""): 3,
    ("suppressed", "DENY_MINOR"): 4,
    ("suppressed", "DENY_NO_OPT_IN"): 123,
    ("queued", ""): 8,
    ("unknown", ""): 4,
}


def as_login(login: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(start_cluster().conninfo(login, "zgoda"), autocommit=True)


@pytest.fixture(scope="module")
def judged(django_db_setup: None) -> UUID:
    """One request, put before both schools by the keeper. It stays in the gate: nothing there is ever deleted."""
    body = {
        "sender": "zgoda-offers",
        "purpose": "vendor_offers",
        "product": "plus",
        "channels": ["email"],
        "audience": "guardians",
        "expires_at": (timezone.now() + timedelta(days=7)).isoformat(),
        "texts": {"email": {"sl": {"subject": "Plus", "body": "Pozdravljeni"}}},
        "targets": {"countries": ["SI", "PL"], "schools": None},
    }
    with as_login("app_vendor") as vendor, as_login("app_keeper") as keeper:
        found = vendor.execute("SELECT consent.propose(%s)", [Jsonb(body)]).fetchone()
        keeper.execute("SELECT consent.judge(100)")
    assert found is not None
    return UUID(str(found[0]))


@pytest.fixture
def counted(judged: UUID, os_reka: School, gate_rows: psycopg.Connection[tuple[Any, ...]]) -> Iterator[UUID]:
    """The keeper's last count, as small numbers as they come."""
    for (state, code), messages in COUNTED.items():
        gate_rows.execute(
            "INSERT INTO consent.tally VALUES (%s, %s, %s, %s, %s, clock_timestamp())",
            [judged, os_reka.pk, state, code, messages],
        )
    yield judged
    gate_rows.execute("DELETE FROM consent.tally WHERE campaign_id = %s", [judged])


def text_of(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def test_each_schools_answer_is_shown_in_plain_words_and_nothing_can_be_pressed(olga: Client, judged: UUID) -> None:
    page = olga.get(f"/campaigns/{judged}/").content.decode()

    assert "Put before the schools" in page
    assert page.count("The school has not opened yet, or is suspended.") == 3  # once for both, once for each
    assert "OŠ Reka" in page
    assert "SP Brzozowa" in page
    content = page.partition("<main")[2].partition("</main>")[0]
    assert re.findall(r'<form[^>]*action="([^"]*)"', content) == [f"/campaigns/{judged}/stop"]


def test_schools_are_shown_by_their_answer(olga: Client, judged: UUID) -> None:
    refused = text_of(olga.get(f"/campaigns/{judged}/?code=DENY_SCHOOL_NOT_LIVE").content)
    others = text_of(olga.get(f"/campaigns/{judged}/?code=HOLD_AWAITING_DIRECTOR").content)

    assert "OŠ Reka" in refused
    assert "OŠ Reka" not in others
    assert "No school gives this answer any more" in others


def test_people_are_shown_in_tens_only(olga: Client, counted: UUID) -> None:
    for path in ("/", f"/campaigns/{counted}/", "/campaigns/", "/switches/"):
        said = text_of(olga.get(path).content.partition(b"<main")[2])
        without_dates = re.sub(r"\b\d{1,2} [A-Z][a-z]{2}\b|\d\d:\d\d", "", said)
        for exact in (67, 123, 127, 7, 3, 4, 8):
            assert not re.search(rf"\b{exact}\b", without_dates), (path, exact, said)


def test_tens_are_what_the_page_says(olga: Client, counted: UUID) -> None:
    said = text_of(olga.get(f"/campaigns/{counted}/").content)

    assert "Sent 70" in said
    assert "Could not be delivered 10" in said
    assert "Not sent 120" in said
    assert "about 70" in said


def test_four_people_look_like_none(
    olga: Client, judged: UUID, os_reka: School, gate_rows: psycopg.Connection[tuple[Any, ...]]
) -> None:
    """Otherwise a row of its own would tell that somebody objected."""
    none = olga.get(f"/campaigns/{judged}/").content.partition(b"<main")[2]
    gate_rows.execute(
        "INSERT INTO consent.tally VALUES (%s, %s, 'suppressed', 'DENY_SUPPRESSED_OBJECTION', 4, clock_timestamp())",
        [judged, os_reka.pk],
    )
    try:
        four = olga.get(f"/campaigns/{judged}/").content.partition(b"<main")[2]
    finally:
        gate_rows.execute("DELETE FROM consent.tally WHERE campaign_id = %s", [judged])

    assert without_token(four) == without_token(none)


def without_token(page: bytes) -> str:
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", page.decode())


def test_health_says_trouble_only_where_enough_was_sent(olga: Client, counted: UUID) -> None:
    said = text_of(olga.get("/?q=reka").content)
    other = text_of(olga.get("/?q=brzozowa").content)

    assert "Trouble : about 10 % could not be delivered" in said
    assert "Too little sent to say" in other


def test_what_the_pages_hold_is_no_persons(olga: Client, counted: UUID) -> None:
    """The gate gives the console no id of a person; whatever id a page holds is a school's or a request's."""
    known = {str(school.pk) for school in School.objects.all()} | {str(one.campaign_id) for one in gate.campaigns()}

    for path in ("/", f"/campaigns/{counted}/", "/campaigns/", "/switches/"):
        ids = re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", olga.get(path).content.decode())
        assert set(ids) <= known


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        # session and operator come with each page; the gate is asked a fixed number of times
        ("/", 7),
        ("/campaigns/", 4),
        ("/campaigns/{}/", 8),
        ("/switches/", 4),
        ("/campaigns/new/", 2),
        ("/campaigns/new/email/", 4),
    ],
)
def test_a_page_asks_a_fixed_number_of_questions(
    olga: Client, counted: UUID, django_assert_num_queries: Any, path: str, queries: int
) -> None:
    olga.get("/")

    with django_assert_num_queries(queries):
        olga.get(path.format(counted))
