"""One's own contacts through HTTP: add, change, verify; and every way in which a code is refused."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from opt_in.gate import school as gate
from opt_in.gate.sealing import unseal
from tenants.people.models import Channel, ContactPoint, User, VerificationCode
from tenants.people.selectors.contacts import own_contacts
from tenants.schools.models import School, Stage
from tenants.schools.services.lifecycle import mirror_stage
from tests.school.visitors import Visitor


@pytest.fixture
def page(school: School, guardian: User) -> Visitor:
    mirror_stage(school=school, stage=Stage.LIVE)
    return Visitor(school, guardian)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Channel and code of each message that leaves."""
    codes: list[tuple[str, str]] = []
    enqueue = gate.enqueue

    def listen(**message: Any) -> object:
        codes.append((message["channel"], json.loads(unseal(message["params"]))["code"]))
        return enqueue(**message)

    monkeypatch.setattr(gate, "enqueue", listen)
    return codes


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_one_sees_ones_own_contacts_masked_and_whole(page: Visitor) -> None:
    content = page.get("/account/contacts/").content.decode()

    assert "g•••@family.example" in content
    assert '<p class="mark">gaja@family.example</p>' in content
    assert "Not verified yet." in content
    assert "We know no mobile number of yours." in content


def test_a_new_address_gets_a_code_and_is_verified_by_it(
    page: Visitor, guardian: User, sent: list[tuple[str, str]]
) -> None:
    asked = page.post("/account/contacts/sms/", {"address": "040 123 456"})
    assert asked.headers["Location"] == "/account/contacts/sms/code/"
    ((channel, code),) = sent

    answer = page.post("/account/contacts/sms/code/", {"code": f" {code[:3]} {code[3:]} "}, follow=True)

    assert channel == "sms"
    assert "From now on messages can go to +386 40 123 456." in answer.content.decode()
    mobile = own_contacts(guardian)[Channel.SMS]
    assert (mobile.address, mobile.contact.version, mobile.is_verified) == ("+38640123456", 1, True)


def test_a_changed_address_must_be_verified_anew(page: Visitor, guardian: User, sent: list[tuple[str, str]]) -> None:
    ContactPoint.objects.filter(user=guardian).update(verified_at=timezone.now())

    page.post("/account/contacts/email/", {"address": "Gaja.New@Family.example"})

    email = own_contacts(guardian)[Channel.EMAIL]
    assert (email.address, email.contact.version, email.is_verified) == ("gaja.new@family.example", 2, False)
    assert [channel for channel, _code in sent] == ["email"]


@pytest.mark.parametrize(
    ("channel", "typed", "said"),
    [
        ("email", "gaja", "This is not an e-mail address."),
        ("email", "", "This field is required."),
        ("sms", "12", "There is no such telephone number."),
        ("sms", "+999 1", "There is no such telephone number."),
        ("sms", "01 234 56 78", "This number cannot receive text messages."),
        ("sms", "+386 90 1234", "This number cannot receive text messages."),
    ],
)
def test_a_bad_address_is_answered_beside_the_field_and_changes_nothing(
    page: Visitor, guardian: User, sent: list[tuple[str, str]], channel: str, typed: str, said: str
) -> None:
    answer = page.post(f"/account/contacts/{channel}/", {"address": typed})

    content = answer.content.decode()
    assert answer.status_code == 200
    assert said in content
    assert f'value="{typed}"' in content or not typed
    assert {own.address for own in own_contacts(guardian).values()} == {"gaja@family.example"}
    assert sent == []


def test_the_same_address_again_leads_to_its_code_or_says_that_it_is_verified(
    page: Visitor, guardian: User, sent: list[tuple[str, str]]
) -> None:
    same = {"address": " GAJA@family.example"}

    unverified = page.post("/account/contacts/email/", same)
    ContactPoint.objects.filter(user=guardian).update(verified_at=timezone.now())
    verified = page.post("/account/contacts/email/", same)

    assert unverified.headers["Location"] == "/account/contacts/email/code/"
    assert "We have this already, and it is verified." in verified.content.decode()
    assert sent == []


def test_a_domain_is_shown_in_its_own_letters(page: Visitor, guardian: User) -> None:
    page.post("/account/contacts/email/", {"address": "gaja@šola.example"})

    content = page.get("/account/contacts/").content.decode()

    assert own_contacts(guardian)[Channel.EMAIL].address == "gaja@xn--ola-zza.example"
    assert "g•••@šola.example" in content
    assert '<p class="mark">gaja@šola.example</p>' in content


def test_a_code_that_was_sent_is_waited_for(page: Visitor, sent: list[tuple[str, str]]) -> None:
    page.post("/account/contacts/email/code/send")

    content = page.get("/account/contacts/").content.decode()

    assert "A code was sent there; enter it here, and messages can come." in content
    assert "Have a code sent there" not in content


def test_a_wrong_code_says_how_many_attempts_are_left_until_none_is(
    page: Visitor, guardian: User, sent: list[tuple[str, str]]
) -> None:
    page.post("/account/contacts/email/code/send")
    code = wrong(sent[0][1])

    said = [page.post("/account/contacts/email/code/", {"code": code}).content.decode() for _attempt in range(6)]

    assert "You have 4 attempts left." in said[0]
    assert "You have 1 attempt left." in said[3]
    assert "its attempts are used up" in said[4]
    assert "No code is open any more." in said[5]
    assert not own_contacts(guardian)[Channel.EMAIL].is_verified


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "9" * 500])
def test_what_is_no_code_costs_no_attempt(page: Visitor, sent: list[tuple[str, str]], typed: str) -> None:
    page.post("/account/contacts/email/code/send")

    answer = page.post("/account/contacts/email/code/", {"code": typed})

    assert answer.status_code == 200
    assert VerificationCode.objects.get().attempts_left == 5


def test_an_old_code_says_so(page: Visitor, guardian: User, sent: list[tuple[str, str]]) -> None:
    page.post("/account/contacts/email/code/send")
    VerificationCode.objects.update(expires_at=timezone.now())

    answer = page.post("/account/contacts/email/code/", {"code": sent[0][1]})

    assert "older than 15 minutes" in answer.content.decode()
    assert not own_contacts(guardian)[Channel.EMAIL].is_verified


def test_a_second_code_within_the_minute_is_not_sent_and_says_when(page: Visitor, sent: list[tuple[str, str]]) -> None:
    page.post("/account/contacts/email/code/send")

    answer = page.post("/account/contacts/email/code/send", follow=True)

    assert "Please wait a minute" in answer.content.decode()
    assert "It went to gaja@family.example" in answer.content.decode()
    assert len(sent) == 1


def test_an_old_code_is_not_said_to_be_on_its_way(page: Visitor, sent: list[tuple[str, str]]) -> None:
    page.post("/account/contacts/email/code/send")
    VerificationCode.objects.update(expires_at=timezone.now())

    content = page.get("/account/contacts/email/code/").content.decode()

    assert "No code that works has gone to gaja@family.example." in content
    assert 'name="code"' not in content
    assert "Send me a new code" in content


def test_a_sixth_code_within_the_hour_is_not_sent(page: Visitor, sent: list[tuple[str, str]]) -> None:
    for _code in range(5):
        page.post("/account/contacts/email/code/send")
        VerificationCode.objects.update(requested_at=timezone.now() - timedelta(minutes=2))

    page.post("/account/contacts/email/code/send")

    assert len(sent) == 5


def test_a_verified_address_needs_no_code(page: Visitor, guardian: User, sent: list[tuple[str, str]]) -> None:
    ContactPoint.objects.filter(user=guardian).update(verified_at=timezone.now())

    assert page.get("/account/contacts/email/code/").headers["Location"] == "/account/contacts/"
    assert page.post("/account/contacts/email/code/", {"code": "123456"}).headers["Location"] == "/account/contacts/"
    assert page.post("/account/contacts/email/code/send").headers["Location"] == "/account/contacts/"
    assert sent == []


@pytest.mark.parametrize("path", ["in_app/", "fax/", "fax/code/", "email/code/other"])
def test_there_is_no_other_channel(page: Visitor, path: str) -> None:
    assert page.get(f"/account/contacts/{path}").status_code == 404


def test_a_pupil_has_no_contacts_to_change(school: School, pupil: User, sent: list[tuple[str, str]]) -> None:
    mirror_stage(school=school, stage=Stage.LIVE)
    browser = Visitor(school, pupil)

    assert browser.get("/account/contacts/").status_code == 404
    assert browser.post("/account/contacts/email/", {"address": "pia@example.com"}).status_code == 404
    assert not ContactPoint.objects.filter(user=pupil).exists()
    assert sent == []


def test_the_page_reads_the_database_a_fixed_number_of_times(
    page: Visitor, school: School, guardian: User, django_assert_max_num_queries: Any
) -> None:
    page.get("/account/contacts/")

    with django_assert_max_num_queries(12):
        page.get("/account/contacts/")
