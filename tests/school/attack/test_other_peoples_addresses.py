"""Somebody enters an address that is not theirs: to fill its mailbox, or to stand in its owner's way."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth import authenticate
from django.db.models import F
from django.utils import timezone

from tenants.access import Role
from tenants.people.models import Channel, ContactPoint, Provenance, User, VerificationCode
from tenants.people.services import verification
from tenants.people.services.contacts import change_contact
from tenants.people.services.verification import CodeTooSoon, request_code
from tenants.schools.models import School, Stage
from tenants.schools.services.lifecycle import mirror_stage
from tests.school.conftest import Browser, enter
from tests.school.visitors import Visitor

PASSWORD = "correct horse battery"
VICTIM = "victim@elsewhere.example"


def later(passed: timedelta) -> None:
    VerificationCode.objects.update(requested_at=F("requested_at") - passed)


def enters(person: User, address: str) -> ContactPoint:
    return change_contact(person=person, channel=Channel.EMAIL, address=address, entered_by=Provenance.SELF)


def codes_until_refused(ask: Callable[[int], object], *, waiting: timedelta, most: int = 60) -> int:
    for sent in range(most):
        try:
            ask(sent)
        except CodeTooSoon:
            return sent
        later(waiting)
    return most


def test_going_to_and_fro_between_addresses_sends_no_more_codes(guardian: User) -> None:
    def ask(number: int) -> None:
        request_code(contact=enters(guardian, VICTIM if number % 2 else "other@elsewhere.example"))

    assert codes_until_refused(ask, waiting=timedelta(0)) == 1


def test_nobody_sends_more_codes_in_an_hour_by_changing_the_address(guardian: User) -> None:
    def ask(number: int) -> None:
        request_code(contact=enters(guardian, f"victim{number}@elsewhere.example"))

    assert codes_until_refused(ask, waiting=timedelta(seconds=61)) == verification.CODES_AN_HOUR


def test_nobody_sends_codes_all_day_long(guardian: User) -> None:
    contact = enters(guardian, VICTIM)

    sent = codes_until_refused(lambda _number: request_code(contact=contact), waiting=timedelta(minutes=13))

    assert sent == verification.CODES_A_DAY


def test_many_accounts_together_cannot_fill_one_mailbox(school: School) -> None:
    people = [enter(f"accomplice{number}", Role.GUARDIAN) for number in range(12)]

    def ask(number: int) -> None:
        request_code(contact=enters(people[number], VICTIM))

    assert codes_until_refused(ask, waiting=timedelta(0), most=12) == verification.CODES_AN_HOUR_TO_ONE_ADDRESS


def test_the_page_says_so_and_sends_nothing(school: School, guardian: User) -> None:
    mirror_stage(school=school, stage=Stage.LIVE)
    page = Visitor(school, guardian)
    page.post("/account/contacts/email/", {"address": "one@elsewhere.example"})

    answer = page.post("/account/contacts/email/", {"address": VICTIM}, follow=True)

    assert answer.status_code == 200
    assert "No new code was sent" in answer.content.decode()
    assert f"No code that works has gone to {VICTIM}." in answer.content.decode()
    assert f"It went to {VICTIM}" not in answer.content.decode()
    assert VerificationCode.objects.filter(ended_at=None).count() == 0


def test_an_unverified_claim_to_an_address_does_not_shut_its_owner_out(teacher: User, guardian: User) -> None:
    teacher.set_password(PASSWORD)
    teacher.save(update_fields=["password"])

    enters(guardian, "tomaz@os-reka.example")

    assert authenticate(username="tomaz@os-reka.example", password=PASSWORD) == teacher


def test_an_unverified_number_of_ones_own_takes_no_other_login_away(teacher: User) -> None:
    teacher.set_password(PASSWORD)
    teacher.save(update_fields=["password"])

    change_contact(person=teacher, channel=Channel.SMS, address="+38640123456", entered_by=Provenance.SELF)

    assert authenticate(username="tomaz@os-reka.example", password=PASSWORD) == teacher
    assert authenticate(username="040 123 456", password=PASSWORD) is None


def test_the_mailbox_of_a_family_is_answered_like_one_that_nobody_knows(school: School, browser: Browser) -> None:
    """Whoever has no password here learns about no address whether this school knows it."""
    mirror_stage(school=school, stage=Stage.LIVE)
    for parent in ("mati", "oce"):
        enter(parent, Role.GUARDIAN, email="family@elsewhere.example")

    family, nobody = (
        browser.post("/login", {"username": address, "password": "wrong"}).content.decode().replace(address, "")
        for address in ("family@elsewhere.example", "nobody@elsewhere.example")
    )

    assert without_token(family) == without_token(nobody)


def without_token(page: str) -> str:
    return re.sub(r"[A-Za-z0-9]{64}", "", page)


def test_an_address_that_two_have_verified_is_still_a_shared_one(teacher: User, guardian: User) -> None:
    teacher.set_password(PASSWORD)
    teacher.save(update_fields=["password"])
    enters(guardian, "tomaz@os-reka.example")
    ContactPoint.objects.filter(user=guardian).update(verified_at=timezone.now())

    assert authenticate(username="tomaz@os-reka.example", password=PASSWORD) is None
    assert authenticate(username="tomaz", password=PASSWORD) == teacher
