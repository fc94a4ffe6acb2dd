"""The Council's resolutions through the browser: recorded once, seen before, confirmed by the chair alone."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from opt_in.gate import school as gate
from opt_in.gate.types import Resolution
from opt_in.selectors.resolutions import Standing, recorded_resolutions
from opt_in.services.resolutions import Vote, record_resolution
from tenants.access import Action, Role, Scope
from tenants.documents.models import StoredDocument
from tenants.people.models import ContactPoint, RoleAssignment, User
from tenants.people.services.matrix import set_scope
from tenants.people.services.roles import appoint_council_chair

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
SCOPE: dict[str, Any] = {"purposes": ["vendor_offers"], "products": ["plus"]}

# of the visitor: school, session, person, roles and overrides; of the page: what it shows, in a fixed number
MOST_QUERIES = 10


def answers(**changes: Any) -> dict[str, Any]:
    given = {
        "step": "record",
        "outcome": "negative",
        "decided_on": timezone.localdate().isoformat(),
        "votes_for": "0",
        "votes_against": "12",
        "votes_abstained": "1",
    }
    return {**given, **changes}


def minutes(content: bytes = PDF, name: str = "minutes.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


@pytest.fixture
def chair(director: User, guardian: User) -> User:
    appoint_council_chair(director=director, chair=guardian)
    return guardian


def positive(director: User) -> Resolution:
    record_resolution(
        recorded_by=director, in_favour=True, decided_on=timezone.localdate(), vote=Vote(9, 1, 2), **SCOPE
    )
    return gate.resolutions()[0]


def test_a_negative_resolution_is_previewed_recorded_and_counts(browser: Client, director: User) -> None:
    browser.force_login(director)

    preview = browser.post(reverse("resolution-new"), answers(step="preview", minutes=minutes()))
    before = gate.resolutions()
    sha256 = preview.context["minutes_sha256"]
    recorded = browser.post(reverse("resolution-new"), answers(minutes_sha256=sha256), follow=True)

    assert before == []
    (row,) = recorded_resolutions()
    assert (row.resolution.outcome, row.resolution.purposes, row.resolution.products) == ("negative", (), ())
    assert (row.resolution.votes_for, row.resolution.votes_against, row.resolution.votes_abstained) == (0, 12, 1)
    assert (row.standing, row.recorded_by, row.has_minutes) == (Standing.OPPOSES, "Darja Novak", True)
    assert row.resolution.minutes_sha256 == bytes.fromhex(sha256)
    assert recorded.redirect_chain == [("/resolutions/", 302)]


def test_the_preview_records_nothing_and_change_keeps_what_was_written(browser: Client, director: User) -> None:
    browser.force_login(director)

    preview = browser.post(reverse("resolution-new"), answers(step="preview", votes_against="7"))
    changed = browser.post(reverse("resolution-new"), answers(step="change", votes_against="7", products="plus"))

    assert preview.status_code == changed.status_code == 200
    assert changed.context["form"]["votes_against"].value() == "7"
    assert changed.context["form"]["products"].value() == ["plus"]
    assert gate.resolutions() == []


def test_the_same_decision_is_not_recorded_twice(browser: Client, director: User) -> None:
    browser.force_login(director)
    browser.post(reverse("resolution-new"), answers())

    again = browser.post(reverse("resolution-new"), answers())

    assert again.status_code == 200
    assert again.context["form"].non_field_errors()
    assert len(gate.resolutions()) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outcome": ""}, "outcome"),
        ({"outcome": "maybe"}, "outcome"),
        ({"decided_on": "yesterday"}, "decided_on"),
        ({"decided_on": "9999-12-31"}, "decided_on"),
        ({"decided_on": "1999-01-01"}, "decided_on"),
        ({"votes_against": "-1"}, "votes_against"),
        ({"votes_against": "99999999999999999999"}, "votes_against"),
        ({"votes_against": ""}, "votes_against"),
        ({"products": ["gold"]}, "products"),
        ({"outcome": "positive", "votes_for": "12", "votes_against": "0"}, "products"),
        ({"outcome": "positive", "votes_for": "3", "votes_against": "3", "products": ["plus"]}, "votes_for"),
        ({"minutes_sha256": "not hex"}, "minutes_sha256"),
        ({"minutes_sha256": "ab" * 32}, "minutes"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field_and_nothing_is_recorded(
    browser: Client, director: User, changes: dict[str, Any], field: str
) -> None:
    browser.force_login(director)

    answer = browser.post(reverse("resolution-new"), answers(**changes))

    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert gate.resolutions() == []


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 a word file", b"%PDF-1.7 cut off", b"", PDF.replace(b"%PDF", b"<html>%PDF")]
)
def test_minutes_are_a_pdf_by_their_bytes_whatever_their_name_says(
    browser: Client, director: User, content: bytes
) -> None:
    browser.force_login(director)

    answer = browser.post(reverse("resolution-new"), answers(step="preview", minutes=minutes(content)))

    assert "minutes" in answer.context["form"].errors
    assert StoredDocument.objects.count() == 0


def test_minutes_stay_chosen_while_another_field_is_put_right(browser: Client, director: User) -> None:
    browser.force_login(director)
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()

    page = browser.post(
        reverse("resolution-new"), answers(step="preview", decided_on=tomorrow, minutes=minutes())
    ).content.decode()
    document = StoredDocument.objects.get()
    kept = f'name="minutes_sha256" value="{bytes(document.sha256).hex()}"'
    again = browser.post(
        reverse("resolution-new"), answers(step="preview", decided_on="", minutes_sha256=bytes(document.sha256).hex())
    ).content.decode()

    assert kept in page
    assert kept in again


def test_a_no_with_more_votes_for_is_asked_about_and_can_be_recorded(browser: Client, director: User) -> None:
    browser.force_login(director)

    preview = browser.post(reverse("resolution-new"), answers(step="preview", votes_for="13"))
    usual = browser.post(reverse("resolution-new"), answers(step="preview"))
    browser.post(reverse("resolution-new"), answers(votes_for="13"))

    assert (preview.context["is_doubtful"], usual.context["is_doubtful"]) == (True, False)
    assert [one.votes_for for one in gate.resolutions()] == [13]


def test_minutes_of_more_than_ten_megabytes_are_refused(browser: Client, director: User) -> None:
    browser.force_login(director)
    large = PDF[:-6] + b"\n" * (10 * 1024 * 1024) + b"%%EOF"

    answer = browser.post(reverse("resolution-new"), answers(step="preview", minutes=minutes(large)))

    assert "minutes" in answer.context["form"].errors
    assert StoredDocument.objects.count() == 0


def test_minutes_are_saved_and_never_shown(browser: Client, director: User, teacher: User) -> None:
    browser.force_login(director)
    preview = browser.post(reverse("resolution-new"), answers(step="preview", minutes=minutes(name="../../x.html")))
    browser.post(reverse("resolution-new"), answers(minutes_sha256=preview.context["minutes_sha256"]))
    url = reverse("minutes", args=[gate.resolutions()[0].resolution_id])

    saved = browser.get(url)
    browser.force_login(teacher)
    hidden = browser.get(url)

    day = timezone.localdate()
    assert saved.content == PDF
    assert saved["Content-Type"] == "application/pdf"
    assert saved["Content-Disposition"] == f'attachment; filename="resolution-{day:%Y-%m-%d}.pdf"'
    assert saved["X-Content-Type-Options"] == "nosniff"
    assert saved["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert hidden.status_code == 404


def test_a_resolution_without_minutes_has_none_to_save(browser: Client, director: User) -> None:
    browser.force_login(director)

    assert browser.get(reverse("minutes", args=[positive(director).resolution_id])).status_code == 404


def test_the_chair_sees_what_waits_and_confirms_it_with_the_own_account(
    browser: Client, director: User, chair: User
) -> None:
    waiting = positive(director)
    browser.force_login(chair)
    url = reverse("resolution-confirm", args=[waiting.resolution_id])

    listed = browser.get(reverse("resolutions"))
    asked = browser.get(url)
    unconfirmed = gate.resolutions()[0].confirmed_at
    browser.post(url)
    twice = browser.post(url)

    assert url in listed.content.decode()
    assert asked.status_code == 200
    assert unconfirmed is None
    (row,) = recorded_resolutions()
    assert (row.standing, row.confirmed_by) == (Standing.ALLOWS, "Gaja Novak")
    assert twice.status_code == 200
    assert twice.context["refusal"]


def test_the_chair_is_told_that_no_checkpoint_comes_to_an_unverified_address(browser: Client, chair: User) -> None:
    browser.force_login(chair)

    before = browser.get(reverse("resolutions"))
    ContactPoint.objects.filter(user=chair).update(verified_at=timezone.now())
    after = browser.get(reverse("resolutions"))

    assert (before.context["lacks_mail"], after.context["lacks_mail"]) == (True, False)
    assert f'<a href="{reverse("contacts")}">' in before.content.decode()


def test_nobody_but_the_chair_has_a_way_to_confirm(browser: Client, director: User, chair: User, teacher: User) -> None:
    url = reverse("resolution-confirm", args=[positive(director).resolution_id])

    for person in (director, teacher):
        browser.force_login(person)
        assert browser.get(url).status_code == 404
        assert browser.post(url).status_code == 404

    assert gate.resolutions()[0].confirmed_at is None


def test_the_chair_records_a_decision_against_and_is_told_who_records_one_in_favour(
    browser: Client, director: User, chair: User
) -> None:
    browser.force_login(chair)

    refused = browser.post(
        reverse("resolution-new"), answers(outcome="positive", votes_for="9", votes_against="1", products="plus")
    )
    opposed = browser.post(reverse("resolution-new"), answers())

    assert "outcome" in refused.context["form"].errors
    assert opposed.status_code == 302
    assert [(row.outcome, row.recorded_by) for row in gate.resolutions()] == [("negative", chair.id)]


def test_a_role_that_the_gate_does_not_know_is_told_by_a_sentence(
    browser: Client, director: User, teacher: User
) -> None:
    RoleAssignment.objects.create(user=teacher, role=Role.SECRETARY, since=timezone.localdate())
    set_scope(action=Action.RESOLUTION_RECORD, role=Role.SECRETARY, scope=Scope.SCHOOL)
    browser.force_login(teacher)

    answer = browser.post(reverse("resolution-new"), answers())

    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert gate.resolutions() == []


def test_another_schools_id_is_not_there(browser: Client, director: User, chair: User) -> None:
    unknown = "00000000-0000-7000-8000-000000000000"
    browser.force_login(chair)

    assert browser.get(reverse("resolution-confirm", args=[unknown])).status_code == 404
    assert browser.post(reverse("resolution-confirm", args=[unknown])).status_code == 404
    assert browser.get(reverse("minutes", args=[unknown])).status_code == 404


def test_without_a_resolution_the_page_says_what_that_means(browser: Client, director: User) -> None:
    browser.force_login(director)

    page = browser.get(reverse("resolutions"))

    assert page.context["rows"] == []
    assert 'class="empty"' in page.content.decode()


def test_a_later_resolution_takes_an_earlier_ones_place(director: User, chair: User) -> None:
    today = timezone.localdate()
    record_resolution(
        recorded_by=director, in_favour=False, decided_on=today - timedelta(days=9), vote=Vote(0, 9), **SCOPE
    )
    record_resolution(recorded_by=director, in_favour=False, decided_on=today - timedelta(days=8), vote=Vote(0, 8))
    record_resolution(
        recorded_by=director, in_favour=False, decided_on=today - timedelta(days=7), vote=Vote(1, 7), **SCOPE
    )
    gate.confirm_resolution(actor=chair.id, resolution_id=positive(director).resolution_id)

    assert [row.standing for row in recorded_resolutions()] == [
        Standing.ALLOWS, Standing.OVERTAKEN, Standing.OPPOSES, Standing.OVERTAKEN,
    ]  # fmt: skip


def test_a_resolution_of_an_earlier_school_year_no_longer_counts(director: User, chair: User) -> None:
    today = timezone.localdate()
    earlier = date(today.year - (today.month < 9), 8, 31)
    record_resolution(recorded_by=director, in_favour=True, decided_on=earlier, vote=Vote(9, 1), **SCOPE)
    gate.confirm_resolution(actor=chair.id, resolution_id=gate.resolutions()[0].resolution_id)

    assert [row.standing for row in recorded_resolutions()] == [Standing.ENDED]


def test_the_list_takes_the_same_queries_for_one_and_for_many(
    browser: Client, director: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    browser.force_login(director)
    browser.get(reverse("resolutions"))
    record_resolution(recorded_by=director, in_favour=False, decided_on=timezone.localdate(), vote=Vote(0, 1))
    with django_assert_max_num_queries(MOST_QUERIES) as few:
        browser.get(reverse("resolutions"))
    for votes in range(2, 9):
        record_resolution(recorded_by=director, in_favour=False, decided_on=timezone.localdate(), vote=Vote(0, votes))

    with django_assert_max_num_queries(MOST_QUERIES) as many:
        browser.get(reverse("resolutions"))

    assert len(few) == len(many)
