"""The director approves or refuses a request: what the page says before and after, and what comes of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from opt_in.gate import school as gate
from opt_in.services.expansion import expand_waiting
from portal.templatetags.portal import day
from tenants.people.models import User
from tenants.schools.models import School
from tests.school.opt_in.decided import allow_but_for_the_content, approve, offer_called
from tests.school.visitors import Visitor


@pytest.fixture
def desk(school: School, director: User) -> Visitor:
    return Visitor(school, director)


def test_approval_covers_what_was_shown_and_opens_the_way(
    desk: Visitor, director: User, guardian: User, propose: Callable[..., UUID]
) -> None:
    gate.go_live(actor=director.id)
    allow_but_for_the_content(director, guardian)
    campaign_id = propose()
    shown = offer_called(campaign_id).content_sha256

    page = approve(desk, campaign_id, shown.hex())

    offer = offer_called(campaign_id)
    assert (offer.approval, offer.approved_sha256, offer.verdict) == ("approved", shown, "ALLOW")
    assert "It goes to the guardians who said yes. Undo refuses it again." in page.content.decode()
    assert f'action="{reverse("offer-refuse", args=[campaign_id])}"' in page.content.decode()


def test_an_offer_that_begins_later_is_not_said_to_go_now(
    desk: Visitor, director: User, guardian: User, propose: Callable[..., UUID]
) -> None:
    gate.go_live(actor=director.id)
    allow_but_for_the_content(director, guardian)
    campaign_id = propose(not_before=(timezone.now() + timedelta(days=3)).isoformat())

    page = approve(desk, campaign_id, offer_called(campaign_id).content_sha256.hex())

    assert offer_called(campaign_id).verdict == "ALLOW"
    assert "It will be addressed to the guardians who have said yes when it begins." in page.content.decode()
    assert "It goes to the guardians who said yes." not in page.content.decode()


@pytest.mark.parametrize("sha256", ["0" * 64, "", "xyz", "A" * 64, "é" * 64, "0" * 63])
def test_another_content_than_the_one_shown_is_not_approved(
    desk: Visitor, director: User, guardian: User, propose: Callable[..., UUID], sha256: str
) -> None:
    gate.go_live(actor=director.id)
    allow_but_for_the_content(director, guardian)
    campaign_id = propose()

    page = approve(desk, campaign_id, sha256)

    assert page.status_code == 200
    assert "Nothing was approved; please look at it again." in page.content.decode()
    assert (offer_called(campaign_id).approval, expand_waiting()) == (None, [])


def test_a_request_that_has_ended_cannot_be_approved(
    desk: Visitor, propose: Callable[..., UUID], monkeypatch: Any
) -> None:
    campaign_id = propose()
    shown = offer_called(campaign_id).content_sha256
    later = timezone.now() + timedelta(days=8)
    monkeypatch.setattr("opt_in.views.offers.timezone.now", lambda: later)

    page = approve(desk, campaign_id, shown.hex())

    assert "This request has ended meanwhile." in page.content.decode()
    assert offer_called(campaign_id).approval is None


def test_a_refusal_needs_no_reason_and_undoes_an_approval(
    desk: Visitor, director: User, guardian: User, propose: Callable[..., UUID]
) -> None:
    gate.go_live(actor=director.id)
    allow_but_for_the_content(director, guardian)
    campaign_id = propose()
    approve(desk, campaign_id, offer_called(campaign_id).content_sha256.hex())

    page = desk.post(reverse("offer-refuse", args=[campaign_id]), follow=True)

    assert (offer_called(campaign_id).approval, offer_called(campaign_id).code) == (
        "rejected",
        "DENY_DIRECTOR_REJECTED",
    )
    assert "You refused this content; nobody gets it." in page.content.decode()
    assert expand_waiting() == []


def test_a_refusal_after_it_was_addressed_says_what_it_cannot_bring_back(
    desk: Visitor, director: User, guardian: User, propose: Callable[..., UUID]
) -> None:
    gate.go_live(actor=director.id)
    allow_but_for_the_content(director, guardian)
    campaign_id = propose()
    approve(desk, campaign_id, offer_called(campaign_id).content_sha256.hex())
    expand_waiting()

    page = desk.post(
        reverse("offer-refuse", args=[campaign_id]), {"reason": "time", "words": "Po maturi & <3"}, follow=True
    )

    assert "Reason given: Not at this time. Po maturi &amp; &lt;3" in page.content.decode()
    assert "What still waited is called off and does not come back." in page.content.decode()
    assert page.context["verdict"].headline == "Nothing more is sent."


def test_a_reason_that_is_none_is_asked_again_and_nothing_is_refused(
    desk: Visitor, propose: Callable[..., UUID]
) -> None:
    campaign_id = propose()

    page = desk.post(reverse("offer-refuse", args=[campaign_id]), {"reason": "bribe", "words": "Not this one."})

    assert page.status_code == 200
    assert 'value="Not this one."' in page.content.decode()
    assert offer_called(campaign_id).approval is None


def test_what_is_approved_is_not_said_to_stay_unsent(
    desk: Visitor, director: User, guardian: User, propose: Callable[..., UUID]
) -> None:
    gate.go_live(actor=director.id)
    allow_but_for_the_content(director, guardian)
    campaign_id = propose()

    before = desk.get(reverse("offer", args=[campaign_id])).content.decode()
    after = approve(desk, campaign_id, offer_called(campaign_id).content_sha256.hex()).content.decode()
    expand_waiting()
    addressed = desk.get(reverse("offer", args=[campaign_id])).content.decode()

    assert "If you do nothing, nothing is sent." in before
    assert "in every language. It is sent at once; messages: 0." in before
    assert "If you do nothing, nothing is sent." not in after + addressed
    assert "If you do nothing, it goes to the guardians who said yes." in after
    assert "Nothing of it waits to be sent any more." in addressed
    # Approved is approved; what is left is the way back.
    assert reverse("offer-approve", args=[campaign_id]) in before
    assert reverse("offer-approve", args=[campaign_id]) not in after + addressed
    assert reverse("offer-refuse", args=[campaign_id]) in addressed


def test_what_begins_later_is_said_to_be_sent_then(
    desk: Visitor, director: User, guardian: User, propose: Callable[..., UUID]
) -> None:
    gate.go_live(actor=director.id)
    allow_but_for_the_content(director, guardian)
    begins = timezone.now() + timedelta(days=3)
    campaign_id = propose(not_before=begins.isoformat())

    before = desk.get(reverse("offer", args=[campaign_id])).content.decode()
    after = approve(desk, campaign_id, offer_called(campaign_id).content_sha256.hex()).content.decode()

    assert f"It is sent from {day(begins)} to those who have said yes; messages as of today: 0." in before
    assert f"If you do nothing, it is sent from {day(begins)} to the guardians who said yes." in after


def test_what_begins_after_the_authorisation_is_not_said_to_be_sent(
    desk: Visitor, director: User, guardian: User, propose: Callable[..., UUID]
) -> None:
    gate.go_live(actor=director.id)
    soon, later = timezone.now() + timedelta(days=1), timezone.now() + timedelta(days=3)
    allow_but_for_the_content(director, guardian, valid_to=soon)
    campaign_id = propose(not_before=later.isoformat())

    before = desk.get(reverse("offer", args=[campaign_id])).content.decode()
    after = approve(desk, campaign_id, offer_called(campaign_id).content_sha256.hex()).content.decode()

    assert "Something else still stands in the way, so nothing is sent yet." in before
    assert "Your authorisation ends before the first day of this request, so nothing is sent." in after


def test_what_is_refused_is_not_refused_twice_and_the_advice_is_for_the_director(
    desk: Visitor, propose: Callable[..., UUID]
) -> None:
    campaign_id = propose()

    page = desk.post(reverse("offer-refuse", args=[campaign_id]), follow=True).content.decode()

    assert "You have refused this content." in page
    assert "The director can still approve it." in page
    assert "Propose another campaign." not in page
    assert reverse("offer-refuse", args=[campaign_id]) not in page
    assert reverse("offer-approve", args=[campaign_id]) in page
