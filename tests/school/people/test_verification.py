import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from opt_in.gate import school as gate
from opt_in.gate.sealing import unseal
from tenants.people.models import Channel, ContactPoint, Provenance, User, VerificationCode
from tenants.people.services.contacts import ContactRecord, change_contact, put_roster_contacts
from tenants.people.services.verification import (
    ATTEMPTS,
    CodeRefused,
    CodeTooSoon,
    ContactNotUsable,
    request_code,
    verify_contact,
)

WRONG = "999999x"


@pytest.fixture
def contact(guardian: User) -> ContactPoint:
    return ContactPoint.objects.get(user=guardian, channel=Channel.EMAIL)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The codes as they leave, read out of the sealed parameters on their way to the gate."""
    codes: list[str] = []
    enqueue = gate.enqueue

    def listen(**message: Any) -> object:
        params = message["params"]
        assert isinstance(params, bytes)
        codes.append(json.loads(unseal(params))["code"])
        return enqueue(**message)

    monkeypatch.setattr(gate, "enqueue", listen)
    return codes


def test_the_code_that_was_sent_verifies_the_contact(contact: ContactPoint, sent: list[str]) -> None:
    request_code(contact=contact)

    verify_contact(contact=contact, code=f" {sent[0]} ")

    contact.refresh_from_db()
    assert contact.verified_at is not None
    assert len(sent[0]) == 6


def test_a_code_is_kept_only_as_a_keyed_hash(contact: ContactPoint, sent: list[str]) -> None:
    request_code(contact=contact)

    assert sent[0].encode() not in bytes(VerificationCode.objects.get().code_hash)
    assert len(VerificationCode.objects.get().code_hash) == 32


def test_a_code_works_once(contact: ContactPoint, sent: list[str]) -> None:
    request_code(contact=contact)
    verify_contact(contact=contact, code=sent[0])

    with pytest.raises(CodeRefused):
        verify_contact(contact=contact, code=sent[0])


def test_attempts_are_bounded_and_the_right_code_comes_too_late(contact: ContactPoint, sent: list[str]) -> None:
    request_code(contact=contact)
    for _attempt in range(ATTEMPTS):
        with pytest.raises(CodeRefused):
            verify_contact(contact=contact, code=WRONG)

    with pytest.raises(CodeRefused):
        verify_contact(contact=contact, code=sent[0])

    contact.refresh_from_db()
    assert contact.verified_at is None


def test_a_code_expires(contact: ContactPoint, sent: list[str]) -> None:
    request_code(contact=contact)
    VerificationCode.objects.update(expires_at=timezone.now())

    with pytest.raises(CodeRefused):
        verify_contact(contact=contact, code=sent[0])

    assert not ContactPoint.objects.exclude(verified_at=None).exists()


def test_a_code_for_the_old_address_does_not_verify_the_new_one(
    contact: ContactPoint, guardian: User, sent: list[str]
) -> None:
    request_code(contact=contact)
    change_contact(person=guardian, channel=Channel.EMAIL, address="new@family.example", entered_by=Provenance.SELF)

    with pytest.raises(CodeRefused):
        verify_contact(contact=contact, code=sent[0])


def test_a_code_does_not_verify_the_address_that_a_roster_brought_meanwhile(
    contact: ContactPoint, guardian: User, sent: list[str]
) -> None:
    request_code(contact=contact)
    put_roster_contacts(addresses={guardian.id: [ContactRecord(Channel.EMAIL, "other@family.example")]})

    with pytest.raises(CodeRefused):
        verify_contact(contact=contact, code=sent[0])

    contact.refresh_from_db()
    assert (contact.version, contact.verified_at) == (2, None)


def test_codes_cannot_be_asked_for_faster_than_once_a_minute(contact: ContactPoint, sent: list[str]) -> None:
    request_code(contact=contact)

    with pytest.raises(CodeTooSoon):
        request_code(contact=contact)

    assert len(sent) == 1


def test_codes_cannot_be_asked_for_more_than_five_times_an_hour(contact: ContactPoint, sent: list[str]) -> None:
    for minute in range(5):
        request_code(contact=contact)
        VerificationCode.objects.filter(ended_at=None).update(
            requested_at=timezone.now() - timedelta(minutes=2 + minute)
        )

    with pytest.raises(CodeTooSoon):
        request_code(contact=contact)

    assert len(sent) == 5


def test_a_new_code_ends_the_older_one(contact: ContactPoint, sent: list[str]) -> None:
    request_code(contact=contact)
    VerificationCode.objects.update(requested_at=timezone.now() - timedelta(minutes=2))
    request_code(contact=contact)

    with pytest.raises(CodeRefused):
        verify_contact(contact=contact, code=sent[0] if sent[0] != sent[1] else WRONG)
    verify_contact(contact=contact, code=sent[1])


def test_a_verified_or_inactive_contact_needs_no_code(contact: ContactPoint, sent: list[str]) -> None:
    ContactPoint.objects.update(is_active=False)
    with pytest.raises(ContactNotUsable):
        request_code(contact=contact)
    ContactPoint.objects.update(is_active=True, verified_at=timezone.now())
    with pytest.raises(ContactNotUsable):
        request_code(contact=contact)

    assert sent == []


def test_a_code_goes_out_before_the_school_is_live(contact: ContactPoint, sent: list[str]) -> None:
    request_code(contact=contact)

    assert len(sent) == 1
