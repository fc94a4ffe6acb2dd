"""A guardian's consents through HTTP: one's own, as easy off as on, and only what can count."""

import re
from typing import Any
from uuid import UUID

import pytest

from opt_in.gate import school as gate
from opt_in.services.instructions import authorise_marketing, revoke_marketing
from tenants.access import Role
from tenants.people.models import Channel, Provenance, User
from tenants.people.services.contacts import change_contact
from tenants.schools.models import School
from tests.school.conftest import enter
from tests.school.opt_in.families import SCOPE, acts_of, authorise, verify
from tests.school.visitors import Visitor

ENGLISH = "0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e01"


@pytest.fixture
def chair(school: School) -> User:
    return enter("cita", Role.GUARDIAN, email="cita@family.example")


@pytest.fixture
def page(school: School, director: User, chair: User, guardian: User) -> Visitor:
    """Gaja at a school that has authorised offers by e-mail and text message; her e-mail address is verified."""
    authorise(school, director, chair, "email", "sms")
    verify(guardian, Channel.EMAIL)
    return Visitor(school, guardian)


def read(page: Visitor, path: str = "/consents/") -> str:
    return " ".join(page.get(path).content.decode().split())


def give(page: Visitor, channel: str = "email", notice: str = ENGLISH) -> str:
    return " ".join(page.post(f"/consents/{channel}/give", {"notice": notice}, follow=True).content.decode().split())


def test_the_page_shows_the_exact_text_its_version_and_that_all_is_off(page: Visitor) -> None:
    content = read(page)

    (notice,) = [one for one in gate.notices() if str(one.notice_id) == ENGLISH]
    assert notice.body in content
    assert "Version 1 of this text" in content
    assert "checked" not in content
    assert content.count("Off. You have not been asked.") == 2
    assert "Nothing yet" in content


def test_a_guardian_says_yes_in_one_step(page: Visitor, guardian: User) -> None:
    content = give(page)

    assert "You said yes to offers by e-mail." in content
    assert re.search(r'id="switch-email"[^>]* checked', content)
    assert "to g•••@family.example." in content
    (event,) = gate.consents_of(guardian.id)
    assert (event.act, event.channel, event.actor, event.capture) == ("give", "email", guardian.id, "portal")
    assert (str(event.notice_id), event.contact_version) == (ENGLISH, 1)
    assert event.instruction_id is not None


def test_a_guardian_takes_it_back_in_one_step_and_is_told_what_is_true(page: Visitor, guardian: User) -> None:
    give(page)

    content = " ".join(page.post("/consents/email/withdraw", follow=True).content.decode().split())

    assert "Offers by e-mail are off from now on." in content
    assert "handed over before." not in content
    assert "Off. You took your yes back" in content
    assert acts_of(guardian) == [("give", "email"), ("withdraw", "email")]


def test_the_toast_of_a_yes_undoes_it(page: Visitor, guardian: User) -> None:
    content = give(page)

    (undo,) = re.findall(r'action="([^"]*)"><input[^>]*><button class="btn btn-sm btn-outline-primary">Undo', content)
    page.post(undo)

    assert acts_of(guardian) == [("give", "email"), ("withdraw", "email")]


def test_twice_is_as_good_as_once(page: Visitor, guardian: User) -> None:
    give(page)
    give(page)
    page.post("/consents/email/withdraw")
    page.post("/consents/email/withdraw")

    assert acts_of(guardian) == [("give", "email"), ("withdraw", "email")]


def test_a_channel_without_a_verified_address_explains_and_takes_no_yes(page: Visitor, guardian: User) -> None:
    content = read(page)
    assert "We know no mobile number of yours." in content
    assert re.search(r'id="switch-sms"[^>]* disabled', content)

    give(page, "sms")
    change_contact(person=guardian, channel=Channel.SMS, address="+38640123456", entered_by=Provenance.SELF)
    assert "Your yes was not taken" in give(page, "sms")

    assert acts_of(guardian) == []


def test_without_an_authorisation_nobody_can_say_yes(page: Visitor, director: User, guardian: User) -> None:
    revoke_marketing(director=director, reason="We changed our mind.")

    assert "Your school has not authorised offers." in read(page)
    assert "Your yes was not taken" in give(page)
    assert acts_of(guardian) == []


def test_a_channel_that_the_school_did_not_authorise_says_so(page: Visitor, director: User, guardian: User) -> None:
    revoke_marketing(director=director, reason="Only by mail.")
    authorise_marketing(director=director, channels=["email"], **SCOPE)
    verify(guardian, Channel.SMS, "+38640123456")

    assert "Your school has not authorised offers this way" in read(page)
    assert "Your yes was not taken" in give(page, "sms")
    assert acts_of(guardian) == []


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("stop", "you answered with a stop word"),
        ("complaint", "you complained about a message"),
        ("bounce", "messages to this address came back"),
        ("objection", "you objected to every offer at another school"),
    ],
)
def test_an_address_that_is_closed_says_why_and_cannot_be_switched_on(
    page: Visitor, guardian: User, reason: str, said: str
) -> None:
    give(page)
    contact = verify(guardian, Channel.EMAIL)
    gate.add_suppression(channel="email", address_hash=bytes(contact.address_hash), reason=reason)

    content = read(page)

    assert said in content
    assert re.search(r'id="switch-email"[^>]* disabled', content)


def test_a_yes_from_before_a_revocation_can_still_be_taken_back(page: Visitor, director: User, guardian: User) -> None:
    give(page)
    revoke_marketing(director=director, reason="We changed our mind.")
    assert "At present nothing is sent" in read(page)

    page.post("/consents/email/withdraw")

    assert acts_of(guardian)[-1] == ("withdraw", "email")


def test_a_new_address_is_not_covered_by_the_old_yes(page: Visitor, guardian: User) -> None:
    give(page)

    verify(guardian, Channel.EMAIL, "new@family.example")

    content = read(page)
    assert "Your yes was for an address that has changed since." in content
    assert not re.search(r'id="switch-email"[^>]* checked', content)


@pytest.mark.parametrize("notice", ["", "no-id", "0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1eff"])
def test_a_yes_names_the_text_that_was_shown(page: Visitor, guardian: User, notice: str) -> None:
    answer = page.post("/consents/email/give", {"notice": notice})

    assert answer.status_code in {302, 404}
    assert acts_of(guardian) == []


@pytest.mark.parametrize("path", ["/consents/fax/give", "/consents/in_app/give", "/consents/fax/withdraw"])
def test_there_is_no_other_channel(page: Visitor, guardian: User, path: str) -> None:
    assert page.post(path, {"notice": ENGLISH}).status_code == 404
    assert acts_of(guardian) == []


def test_reading_changes_nothing(page: Visitor, guardian: User) -> None:
    assert page.get("/consents/email/give").status_code == 405
    assert page.get("/consents/email/withdraw").status_code == 405
    assert page.get("/consents/objection/").status_code == 200
    assert acts_of(guardian) == []


def test_an_objection_names_what_it_does_and_ends_every_offer(page: Visitor, guardian: User) -> None:
    give(page)
    assert "This is for good." in read(page, "/consents/objection/")

    content = " ".join(page.post("/consents/objection/", follow=True).content.decode().split())

    assert "Nothing more from the vendor from now on, at any school." in content
    assert "You have objected to every offer of the vendor" in content
    assert "switch-email" not in content
    assert "you objected to every offer of the vendor, for good." in content.split('id="history"')[1]
    assert "0 messages" not in content


def test_a_second_tab_is_told_that_it_was_done_already(page: Visitor, guardian: User) -> None:
    give(page)
    again = page.post("/consents/email/give", {"notice": ENGLISH}, follow=True).content.decode()
    page.post("/consents/email/withdraw")
    off = page.post("/consents/email/withdraw", follow=True).content.decode()

    assert "These offers were on already." in again
    assert "These offers were off already." in off
    assert acts_of(guardian) == [("give", "email"), ("withdraw", "email")]


def test_the_history_tells_every_word_newest_first(page: Visitor) -> None:
    give(page)
    page.post("/consents/email/withdraw")
    give(page)

    content = read(page).split('id="history"')[1]

    said = re.findall(r"<td data-label=\"What\">([^<]*)</td>", content)
    assert said == [
        "You said yes: Offers by e-mail",
        "You took your yes back: Offers by e-mail",
        "You said yes: Offers by e-mail",
    ]


@pytest.mark.parametrize("role", [Role.PUPIL, Role.TEACHER, Role.SECRETARY])
def test_nobody_but_a_guardian_has_consents(page: Visitor, school: School, role: Role) -> None:
    other = enter("zala", role, email="zala@family.example")
    browser = Visitor(school, other)

    for path in ("/consents/", "/consents/objection/"):
        assert browser.get(path).status_code == 404
    for path in ("/consents/email/give", "/consents/email/withdraw", "/consents/answer", "/consents/objection/"):
        assert browser.post(path, {"notice": ENGLISH, "answer": "email"}).status_code == 404
    assert acts_of(other) == []


def test_the_director_cannot_say_yes_for_a_guardian(page: Visitor, school: School, director: User) -> None:
    browser = Visitor(school, director)

    assert browser.post("/consents/email/give", {"notice": ENGLISH}).status_code == 404
    assert acts_of(director) == []


def test_another_guardians_receipt_is_not_there(page: Visitor, school: School, guardian: User) -> None:
    give(page)
    (event,) = gate.consents_of(guardian.id)
    browser = Visitor(school, enter("mojca", Role.GUARDIAN, email="mojca@family.example"))

    for path in (f"/consents/{event.event_id}/", f"/consents/{event.event_id}/receipt.jsonld"):
        assert browser.get(path).status_code == 404
        assert page.get(path).status_code == 200
    assert page.get(f"/consents/{UUID(int=0)}/").status_code == 404


def test_the_page_reads_the_database_a_fixed_number_of_times(page: Visitor, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(11):
        page.get("/consents/")
    for _time in range(3):
        give(page)
        page.post("/consents/email/withdraw")
    page.get("/consents/")  # takes the toasts away

    with django_assert_num_queries(11):
        page.get("/consents/")
