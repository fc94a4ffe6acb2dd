"""The vendor asks: what the director sees of it, and the three answers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from opt_in.gate import school as gate
from opt_in.selectors.authorisations import authorisations, end_of
from opt_in.selectors.offers import offers
from opt_in.selectors.previews import Opening
from opt_in.services.approvals import reject_content
from opt_in.services.instructions import authorise_marketing
from opt_in.services.resolutions import Vote, record_resolution
from portal.templatetags.portal import day
from tenants.people.models import User
from tenants.people.services.roles import appoint_council_chair
from tenants.schools.models import School
from tests.school.opt_in.decided import SCOPE, approve, offer_called
from tests.school.visitors import Visitor

TEXTS = {
    "email": {
        "sl": {"subject": "Paket Plus", "body": "Opomniki <b>in</b> koledar. Ekipa Zgoda"},
        "pl": {"subject": "Pakiet Plus", "body": "Przypomnienia i kalendarz. Zespół Zgoda"},
    },
    "sms": {"sl": {"body": "Paket Plus: opomniki za vso družino."}},
}
# school, session, person, roles (login and matrix) and overrides; the requests, the resolutions, the first words
LIST_QUERIES = 9
# … the content, the forecast and the authorisations as well
PAGE_QUERIES = 11


@pytest.fixture
def desk(school: School, director: User) -> Visitor:
    return Visitor(school, director)


def row_of(page: Any, campaign_id: UUID) -> dict[str, Any]:
    rows = [*page.context["waiting"], *page.context["history"]]
    return next(row for row in rows if row["offer"].campaign_id == campaign_id)


def oppose(director: User) -> None:
    record_resolution(recorded_by=director, in_favour=False, decided_on=timezone.localdate(), vote=Vote(0, 12))


def listed(desk: Visitor, part: str) -> list[UUID]:
    """Of all pages: requests stay from test to test, for the vendor's login has put them there."""
    first = desk.get(reverse("offers"))
    pages = [desk.get(f"{reverse('offers')}?page={number}") for number in first.context["page"].paginator.page_range]
    return [row["offer"].campaign_id for page in pages for row in page.context[part]]


def test_a_request_waits_for_the_director_until_it_is_decided(
    desk: Visitor, director: User, propose: Callable[..., UUID]
) -> None:
    campaign_id = propose()

    before, waiting = desk.get(reverse("offers")), listed(desk, "waiting")
    reject_content(director=director, campaign_id=campaign_id, reason="")
    after, history = desk.get(reverse("offers")), listed(desk, "history")

    assert campaign_id in waiting
    assert campaign_id in history
    assert before.context["number_waiting"] == after.context["number_waiting"] + 1


def test_two_requests_of_one_sender_are_told_apart_by_their_first_words(
    desk: Visitor, propose: Callable[..., UUID]
) -> None:
    mail = propose(texts={"email": {"sl": {"subject": "Koledar <b>& urnik", "body": "Ekipa Zgoda"}}})
    sms = propose(channels=["sms"], texts={"sms": {"sl": {"body": "Opomniki " * 20}, "en": {"body": "Reminders"}}})

    page = desk.get(reverse("offers"))

    assert row_of(page, mail)["opening"].words == "Koledar <b>& urnik"
    assert '<q lang="sl">Koledar &lt;b&gt;&amp; urnik</q>' in page.content.decode()
    # The director reads English here.
    assert row_of(page, sms)["opening"] == Opening("en", "Reminders")


def test_what_the_council_opposed_waits_for_nobody_and_says_why(
    desk: Visitor, director: User, propose: Callable[..., UUID]
) -> None:
    gate.go_live(actor=director.id)
    oppose(director)
    campaign_id = propose()

    page = desk.get(reverse("offers"))

    row = row_of(page, campaign_id)
    assert page.context["number_waiting"] == 0
    today = timezone.localdate()
    day = f"{today.day} {today:%B} {today.year}"
    assert row["verdict"].headline == "Not sent."
    assert row["verdict"].sentences == (
        "OŠ Reka has not authorised offers to parents.",
        f"The Parents' Council opposed it on {day} (12 against, 0 for).",
        "Only the school can change this.",
    )


def test_many_requests_make_no_page_longer_and_take_no_more_queries(
    desk: Visitor, propose: Callable[..., UUID], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    propose()
    with django_assert_max_num_queries(LIST_QUERIES):
        desk.get(reverse("offers"))
    for _number in range(21):
        propose()

    with django_assert_max_num_queries(LIST_QUERIES):
        page = desk.get(reverse("offers"))

    assert len(page.context["waiting"]) + len(page.context["history"]) == 20
    assert desk.get(reverse("offers"), {"page": "nonsense"}).status_code == 200


def test_every_channel_and_language_can_be_looked_at(desk: Visitor, propose: Callable[..., UUID]) -> None:
    campaign_id = propose(channels=["email", "sms"], texts=TEXTS, sender="zgoda-offers")
    url = reverse("offer", args=[campaign_id])

    first = desk.get(url)
    polish = desk.get(url, {"channel": "email", "text": "pl"})
    phone = desk.get(url, {"channel": "sms", "text": "pl"})
    nonsense = desk.get(url, {"channel": "pigeon", "text": "xx"})

    assert (first.context["preview"].channel, first.context["preview"].language) == ("email", "pl")
    assert polish.context["preview"].subject == "Pakiet Plus"
    assert phone.context["preview"].language == "sl"
    assert "Paket Plus: opomniki za vso družino." in phone.context["preview"].text
    assert (phone.context["preview"].sms.encoding, phone.context["preview"].sms.parts) == ("UCS-2", 3)
    assert nonsense.context["preview"] == first.context["preview"]


def test_a_sender_that_nobody_knows_is_shown_as_it_was_given_and_waits_for_nobody(
    desk: Visitor, propose: Callable[..., UUID]
) -> None:
    campaign_id = propose(sender="os-reka-tajnistvo")

    page = desk.get(reverse("offer", args=[campaign_id]))
    waiting = [offer.campaign_id for offer in offers(now=timezone.now()).waiting]

    assert "<dd>os-reka-tajnistvo</dd>" in page.content.decode()
    assert "None" not in page.content.decode()
    assert page.context["obstacles"][0].code == "DENY_SENDER_NOT_OWNED"
    sentences = page.context["verdict"].sentences
    assert sentences[0] == "The sender does not belong to the one who writes."
    assert "Only the school can change this." not in sentences
    assert campaign_id not in waiting


@pytest.mark.parametrize("channel", ["in_app", "push"])
def test_what_is_shown_inside_the_product_has_a_preview_too(
    desk: Visitor, propose: Callable[..., UUID], channel: str
) -> None:
    campaign_id = propose(channels=[channel], texts={channel: {"de": {"body": "Das Paket <Plus>"}}})

    page = desk.get(reverse("offer", args=[campaign_id]))

    assert (page.context["preview"].channel, page.context["preview"].language) == (channel, "de")
    assert "Das Paket &lt;Plus&gt;" in page.content.decode()
    assert desk.get(reverse("offer-preview", args=[campaign_id, "de"])).status_code == 404


def test_the_mail_is_shown_as_it_arrives_in_a_frame_that_can_do_nothing(
    desk: Visitor, propose: Callable[..., UUID]
) -> None:
    campaign_id = propose(channels=["email", "sms"], texts=TEXTS)

    page = desk.get(reverse("offer", args=[campaign_id]))
    mail = desk.get(reverse("offer-preview", args=[campaign_id, "sl"]))

    assert mail.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; sandbox;"
        " frame-ancestors 'self'"
    )
    assert mail.headers["X-Frame-Options"] == "SAMEORIGIN"
    content = mail.content.decode()
    assert "Opomniki &lt;b&gt;in&lt;/b&gt; koledar. Ekipa Zgoda" in content
    assert "Od ponudnika" in content
    assert page.headers["Content-Security-Policy"].endswith("; frame-ancestors 'none'; frame-src 'self'")
    assert desk.get(reverse("offer-preview", args=[campaign_id, "xx"])).status_code == 404
    assert "frame-src" not in desk.get(reverse("offers")).headers["Content-Security-Policy"]


def test_the_page_says_what_would_happen_and_what_stands_in_the_way(
    desk: Visitor, director: User, guardian: User, propose: Callable[..., UUID],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    gate.go_live(actor=director.id)
    campaign_id = propose()

    with django_assert_max_num_queries(PAGE_QUERIES):
        page = desk.get(reverse("offer", args=[campaign_id]))

    (forecast,) = page.context["forecasts"]
    assert forecast["sentence"] == "1 guardian; said yes to offers by e-mail: 0."
    assert forecast["bars"] == [
        ("Guardians", 1, "school"), ("With a verified address", 0, "school"),
        ("Said yes", 0, "vendor"), ("Would get it", 0, "vendor"),
    ]  # fmt: skip
    assert [obstacle.code for obstacle in page.context["obstacles"]] == [
        "DENY_SCHOOL_NOT_AUTHORISED", "DENY_COUNCIL_MISSING", "HOLD_AWAITING_DIRECTOR",
    ]  # fmt: skip
    content = page.content.decode()
    for label in ("Refuse", "Approve the content"):
        assert f'<button class="btn btn-outline-primary w-100 mt-auto">{label}</button>' in content
    assert 'class="btn btn-outline-primary w-100 mt-auto" href="/authorisation/new/?offer=' in content


def test_a_request_that_ends_at_midnight_ends_with_the_day_before(
    desk: Visitor, school: School, propose: Callable[..., UUID]
) -> None:
    today = timezone.localdate(timezone=ZoneInfo(school.time_zone))
    last = today + timedelta(days=7)
    expires_at = end_of(last, school.time_zone).isoformat()
    campaign_id = propose(expires_at=expires_at, not_before=timezone.now().isoformat())

    row = row_of(desk.get(reverse("offers")), campaign_id)
    page = desk.get(reverse("offer", args=[campaign_id])).content.decode()

    assert row["last_day"] == last
    assert f"from {day(today)} to {day(last)}<" in page


def test_what_is_authorised_already_is_said_with_its_last_day(
    desk: Visitor, director: User, propose: Callable[..., UUID]
) -> None:
    authorise_marketing(director=director, channels=["email"], **SCOPE)
    by_mail = propose()
    by_both = propose(channels=["email", "sms"], texts=TEXTS)

    covered = desk.get(reverse("offer", args=[by_mail])).content.decode()
    not_covered = desk.get(reverse("offer", args=[by_both])).content.decode()

    (given,) = authorisations(now=timezone.now())
    assert f"You have authorised such offers, until {day(given.last_day)}." in covered
    assert f"/authorisation/new/?offer={by_mail}" not in covered
    assert f"/authorisation/new/?offer={by_both}" in not_covered


def test_what_the_vendor_never_asked_is_not_there(desk: Visitor) -> None:
    assert desk.get(reverse("offer", args=[uuid4()])).status_code == 404
    assert approve(desk, uuid4(), "0" * 64).status_code == 404
    assert desk.post(reverse("offer-refuse", args=[uuid4()])).status_code == 404


def test_whoever_only_looks_on_sees_the_request_and_no_button(
    school: School, director: User, guardian: User, propose: Callable[..., UUID]
) -> None:
    appoint_council_chair(director=director, chair=guardian)
    campaign_id, chair = propose(), Visitor(school, guardian)

    page = chair.get(reverse("offer", args=[campaign_id]))
    answers = [
        approve(chair, campaign_id, offer_called(campaign_id).content_sha256.hex()),
        chair.post(reverse("offer-refuse", args=[campaign_id])),
    ]

    assert "Only the director decides about requests." in page.content.decode()
    assert 'action="/offers/' not in page.content.decode()
    assert [answer.status_code for answer in answers] == [404, 404]
    assert offer_called(campaign_id).approval is None
