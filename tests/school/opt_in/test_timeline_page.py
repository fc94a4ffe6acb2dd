"""The director's timeline: what reached parents, what tried to, and why it did not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from opt_in.gate import school as gate
from opt_in.services.approvals import approve_content
from opt_in.services.expansion import expand_waiting
from opt_in.services.instructions import authorise_marketing
from opt_in.services.resolutions import Vote, confirm_resolution, record_resolution
from tenants.people.models import User
from tenants.people.services.roles import appoint_council_chair
from tenants.schools.models import School, Stage
from tenants.schools.services.lifecycle import mirror_stage

SCOPE: dict[str, Any] = {"purposes": ["vendor_offers"], "products": ["plus"]}
# of the visitor: school, session, person, roles and overrides; of the page: what it shows, in a fixed number
MOST_QUERIES = 10


def address_everybody(director: User, chair: User, campaign_id: UUID) -> None:
    gate.go_live(actor=director.id)
    appoint_council_chair(director=director, chair=chair)
    resolution_id = record_resolution(
        recorded_by=director, in_favour=True, decided_on=timezone.localdate(), vote=Vote(9, 1), **SCOPE
    )
    confirm_resolution(chair=chair, resolution_id=resolution_id)
    authorise_marketing(director=director, channels=["email"], **SCOPE)
    shown = gate.campaign_content(campaign_id)
    approve_content(director=director, campaign_id=campaign_id, content_sha256=shown.content_sha256)
    expand_waiting()


def rows_of(page: Any, campaign_id: UUID) -> list[Any]:
    return [row for _day, rows in page.context["days"] for row in rows if row.campaign_id == campaign_id]


@pytest.fixture(autouse=True)
def english(director: User) -> None:
    User.objects.filter(pk=director.pk).update(language="en")


def test_a_refused_request_and_a_message_not_sent_stand_there_with_their_reasons(
    browser: Client, director: User, guardian: User, propose: Callable[[], UUID]
) -> None:
    campaign_id = propose()
    address_everybody(director, guardian, campaign_id)
    browser.force_login(director)

    page = browser.get(reverse("timeline"))

    message, request = rows_of(page, campaign_id)
    assert (message.origin, message.what, message.about, message.by) == ("vendor", "Offer", "Plus package", "by e-mail")
    assert (message.became, message.messages, message.reason) == (
        "Not sent", 1, "The recipient has not said yes to offers through this channel.",
    )  # fmt: skip
    assert (request.is_request, request.became, request.reason) == (
        True, "Refused", "The school has not opened yet, or is suspended.",
    )  # fmt: skip
    content = page.content.decode()
    assert "From the vendor" in content
    assert "from-vendor" in content
    assert any(label.endswith(" · Vendor") for label, _number, _origin in page.context["bars"])
    assert (page.context["sent"], page.context["refused"]) == (0, page.context["counted"])


def test_it_is_filtered_by_who_spoke_and_when(
    browser: Client, director: User, guardian: User, propose: Callable[[], UUID]
) -> None:
    campaign_id = propose()
    browser.force_login(director)
    today = timezone.localdate()
    last_week = today - timedelta(days=8)

    from_vendor = browser.get(reverse("timeline"), {"origin": "vendor"})
    from_school = browser.get(reverse("timeline"), {"origin": "school"})
    earlier = browser.get(reverse("timeline"), {"from_day": last_week.isoformat(), "to_day": last_week.isoformat()})

    assert len(rows_of(from_vendor, campaign_id)) == 1
    assert from_school.context["days"] == []
    assert 'class="empty"' in from_school.content.decode()
    assert earlier.context["shown"]["to_day"] == last_week
    assert rows_of(earlier, campaign_id) == []


@pytest.mark.parametrize(
    "query",
    [
        {"from_day": "soon"},
        {"from_day": "2026-11-22", "to_day": "2026-11-01"},
        {"from_day": "2020-01-01", "to_day": "2026-11-22"},
        {"to_day": "0001-01-01"},
        {"from_day": "9999-12-31"},
        {"origin": "nobody"},
        {"readers": "pupils"},
    ],
)
def test_what_cannot_be_read_is_said_and_the_last_fortnight_shown(
    browser: Client, director: User, query: dict[str, str]
) -> None:
    browser.force_login(director)

    page = browser.get(reverse("timeline"), query)

    assert page.status_code == 200
    assert page.context["form"].errors
    assert page.context["shown"]["to_day"] == timezone.localdate()


def test_a_wrong_day_is_said_beside_its_field_and_the_rest_stays_chosen(browser: Client, director: User) -> None:
    browser.force_login(director)
    turned = {"from_day": "2026-11-22", "to_day": "2026-11-01", "origin": "vendor", "readers": "all"}

    page = browser.get(reverse("timeline"), turned)
    far = browser.get(reverse("timeline"), {"to_day": "0001-01-01"})

    assert list(page.context["form"].errors) == ["from_day"]
    assert list(far.context["form"].errors) == ["to_day"]
    assert (page.context["shown"]["origin"], page.context["shown"]["to_guardians"]) == ("vendor", False)


def test_pages_and_one_page_for_print(
    browser: Client, director: User, propose: Callable[[], UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opt_in.views.timeline.ON_ONE_PAGE", 1)
    first, second = propose(), propose()
    browser.force_login(director)

    newest = browser.get(reverse("timeline"), {"origin": "vendor"})
    whole = browser.get(reverse("timeline"), {"origin": "vendor", "whole": "1"})

    assert (len(rows_of(newest, second)), len(rows_of(newest, first))) == (1, 0)
    assert "origin=vendor&amp;page=2" in newest.content.decode()
    assert (len(rows_of(whole, second)), len(rows_of(whole, first))) == (1, 1)


def test_it_takes_the_same_queries_for_one_request_and_for_many(
    browser: Client, director: User, propose: Callable[[], UUID], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    propose()
    browser.force_login(director)
    browser.get(reverse("timeline"))
    with django_assert_max_num_queries(MOST_QUERIES) as few:
        browser.get(reverse("timeline"))
    for _ in range(3):
        propose()

    with django_assert_max_num_queries(MOST_QUERIES) as many:
        browser.get(reverse("timeline"))

    assert len(few) == len(many)


def test_teachers_and_guardians_have_no_timeline(
    browser: Client, school: School, teacher: User, guardian: User
) -> None:
    mirror_stage(school=school, stage=Stage.LIVE)
    for person in (teacher, guardian):
        browser.force_login(person)
        assert browser.get(reverse("timeline")).status_code == 404
