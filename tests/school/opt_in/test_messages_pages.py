"""One's own messages through HTTP: what came, what was stopped, and why."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from opt_in.gate import school as gate
from opt_in.gate.school_overview import AddressedEnvelope
from opt_in.services.approvals import approve_content
from opt_in.services.expansion import expand_waiting
from tenants.access import Role
from tenants.people.models import Channel, User
from tenants.schools.models import School
from tests.school.conftest import enter
from tests.school.opt_in.families import authorise, verify
from tests.school.visitors import Visitor

ENGLISH = "0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e01"


@pytest.fixture
def offered(
    school: School, director: User, guardian: User, propose: Callable[[], UUID]
) -> Callable[[], AddressedEnvelope]:
    """Gaja's envelope of an offer that her school allows: with her yes it is queued, without it is not."""
    campaign_id = propose()
    authorise(school, director, enter("cita", Role.GUARDIAN, email="cita@family.example"), "email")
    verify(guardian, Channel.EMAIL)

    def make() -> AddressedEnvelope:
        shown = gate.campaign_content(campaign_id)
        approve_content(director=director, campaign_id=campaign_id, content_sha256=shown.content_sha256)
        expand_waiting()
        return gate.envelopes_of(guardian.id, limit=1)[0]

    return make


@pytest.fixture
def as_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the dispatcher had handed over everything: it works on a connection of its own, outside of this test."""
    explain, envelopes_of = gate.explain, gate.envelopes_of
    monkeypatch.setattr(gate, "explain", lambda envelope_id: explain(envelope_id) | {"state": "sent", "code": None})
    monkeypatch.setattr(
        gate,
        "envelopes_of",
        lambda *given, **named: [replace(one, state="sent", code=None) for one in envelopes_of(*given, **named)],
    )


def read(browser: Visitor, path: str) -> str:
    return " ".join(browser.get(path).content.decode().split())


def test_an_offer_without_a_yes_is_listed_as_not_sent_and_its_text_is_not_shown(
    school: School, guardian: User, offered: Callable[[], AddressedEnvelope]
) -> None:
    envelope = offered()
    page = Visitor(school, guardian)

    listed, shown = read(page, "/messages/"), read(page, f"/messages/{envelope.envelope_id}/")

    assert "Not sent. You had not said yes to offers through this channel." in listed
    assert "From the vendor" in listed
    assert "It was not sent, so its text is not shown here either." in shown
    assert "Opomniki in koledar" not in shown
    assert "Paket Plus" not in listed


def test_an_offer_that_came_is_told_from_others_by_its_first_words(
    school: School,
    guardian: User,
    offered: Callable[[], AddressedEnvelope],
    as_sent: None,
    django_assert_num_queries: Any,
) -> None:
    offered()
    page = Visitor(school, guardian)
    page.get("/messages/")

    with django_assert_num_queries(8):
        listed = read(page, "/messages/")

    assert '<q lang="sl">Paket Plus</q>' in listed


def test_an_offer_is_shown_as_it_was_sent(
    school: School, guardian: User, offered: Callable[[], AddressedEnvelope], as_sent: None
) -> None:
    page = Visitor(school, guardian)
    page.post("/consents/email/give", {"notice": ENGLISH})
    envelope = offered()

    shown = read(page, f"/messages/{envelope.envelope_id}/")

    assert "From the vendor" in shown
    assert "<strong>Paket Plus</strong>" in shown
    assert "Opomniki in koledar za vso družino. Ekipa Zgoda" in shown
    assert "The message also said who sends it, why it came, and how to stop such offers." in shown


def test_why_offers_the_way_out_while_the_yes_holds(
    school: School, guardian: User, offered: Callable[[], AddressedEnvelope], as_sent: None
) -> None:
    page = Visitor(school, guardian)
    page.post("/consents/email/give", {"notice": ENGLISH})
    why = f"/messages/{offered().envelope_id}/why/"

    before = read(page, why)
    page.post("/consents/email/withdraw")
    after = read(page, why)

    assert "From the vendor: Zgoda offers. Not from OŠ Reka." in before
    assert 'action="/consents/email/withdraw"' in before
    assert 'These offers are off for you now. <a href="/consents/">' in after
    assert 'action="/consents/email/withdraw"' not in after


def test_why_says_what_stopped_a_message(
    school: School, guardian: User, offered: Callable[[], AddressedEnvelope]
) -> None:
    content = read(Visitor(school, guardian), f"/messages/{offered().envelope_id}/why/")

    assert "<h1>What was decided?</h1>" in content
    assert "This message was not sent." in content
    assert "You had not said yes to offers through this channel." in content


def test_a_message_of_another_guardian_is_not_there(
    school: School, guardian: User, offered: Callable[[], AddressedEnvelope]
) -> None:
    envelope = offered()
    other = Visitor(school, enter("mojca", Role.GUARDIAN, email="mojca@family.example"))

    assert "Nothing has come yet" in read(other, "/messages/")
    for path in (f"/messages/{envelope.envelope_id}/", f"/messages/{envelope.envelope_id}/why/"):
        assert other.get(path).status_code == 404
    for path in (f"/messages/{uuid4()}/", f"/messages/{uuid4()}/why/"):
        assert other.get(path).status_code == 404


def test_the_director_reads_no_guardians_message_here(
    school: School, director: User, offered: Callable[[], AddressedEnvelope]
) -> None:
    envelope = offered()

    assert Visitor(school, director).get(f"/messages/{envelope.envelope_id}/").status_code == 404


def test_messages_are_paged_by_the_last_one_shown(
    school: School, guardian: User, offered: Callable[[], AddressedEnvelope], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opt_in.views.messages.ON_A_PAGE", 2)
    offered()
    page = Visitor(school, guardian)
    for address in ("+38640123456", "+38640123457", "+38640123458"):
        page.post("/account/contacts/sms/", {"address": address})
    newest, second, *_rest = gate.envelopes_of(guardian.id)

    first = read(page, "/messages/")
    after = read(page, f"/messages/?before={second.envelope_id}")

    assert f"/messages/{newest.envelope_id}/" in first
    assert f'href="?before={second.envelope_id}"' in first or first.count('<li class="from-') == 2
    assert f"/messages/{newest.envelope_id}/" not in after


@pytest.mark.parametrize("before", ["x", "%00", "0" * 40, ""])
def test_a_page_that_is_no_page_begins_at_the_newest(
    school: School, guardian: User, director: User, before: str
) -> None:
    authorise(school, director, enter("cita", Role.GUARDIAN, email="cita@family.example"), "email")

    assert Visitor(school, guardian).get(f"/messages/?before={before}").status_code == 200


def test_the_list_reads_the_database_a_fixed_number_of_times(
    school: School,
    guardian: User,
    offered: Callable[[], AddressedEnvelope],
    django_assert_num_queries: Any,
) -> None:
    offered()
    page = Visitor(school, guardian)
    page.get("/messages/")

    with django_assert_num_queries(7):
        page.get("/messages/")
