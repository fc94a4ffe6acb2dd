"""Proves that a contact point is the person's: a code goes there, and only the code. No offer has a place in this flow.

Bounded everywhere: six digits, five attempts, fifteen minutes, one open code per contact; five codes an hour and
fifteen a day for a person, ten an hour to an address whoever asks.
"""

import hashlib
import json
import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from opt_in.gate import school as gate
from opt_in.gate.sealing import seal
from tenants.people.models import ContactPoint, VerificationCode
from tenants.people.services.contacts import publish_contacts

DIGITS = 6
ATTEMPTS = 5
VALID_FOR = timedelta(minutes=15)
NOT_BEFORE_ANOTHER = timedelta(seconds=60)
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
CODES_AN_HOUR = 5
CODES_A_DAY = 15
# A family may share a mailbox; a crowd that fills somebody's is no family.
CODES_AN_HOUR_TO_ONE_ADDRESS = 10


class CodeTooSoon(Exception):
    """A code was sent a moment ago, or too many within the hour."""


class ContactNotUsable(Exception):
    """The contact point is not active, or is verified already."""


class CodeRefused(Exception):
    """The contact stays unverified. There is no open code for it: none was sent, or a newer address ended it."""


class CodeExpired(CodeRefused):
    """The code was sent too long ago."""


class WrongCode(CodeRefused):
    """It is another code. With no attempts left, a new one must be sent."""

    def __init__(self, attempts_left: int) -> None:
        super().__init__(attempts_left)
        self.attempts_left = attempts_left


@transaction.atomic
def request_code(*, contact: ContactPoint) -> UUID:
    """Send a fresh code to this contact point; an older one ends. Returns the envelope's id."""
    contact = ContactPoint.objects.select_for_update().get(pk=contact.pk)
    if not contact.is_active or contact.verified_at is not None:
        raise ContactNotUsable
    now = timezone.now()
    _require_pace(contact)
    VerificationCode.objects.filter(contact=contact, requested_at__lte=now - A_DAY).delete()
    VerificationCode.objects.filter(contact=contact, ended_at=None).update(ended_at=now)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    opened = VerificationCode(
        contact=contact,
        contact_version=contact.version,
        requested_at=now,
        expires_at=now + VALID_FOR,
        attempts_left=ATTEMPTS,
    )
    opened.code_hash = _hash(opened, code)
    opened.save(force_insert=True)
    # Hashed as sealed: a hash of the plain text would give six digits away.
    params = seal(json.dumps({"code": code, "minutes": int(VALID_FOR.total_seconds() // 60)}).encode())
    return gate.enqueue(
        kind="contact.code",
        subject=contact.user_id,
        channel=contact.channel,
        contact_id=contact.id,
        params=params,
        content_sha256=hashlib.sha256(params).digest(),
        dedupe_key=f"contact.code {opened.id}",
        expires_at=opened.expires_at,
    )


def verify_contact(*, contact: ContactPoint, code: str) -> ContactPoint:
    """Mark the contact verified if this is its code. A wrong one costs an attempt."""
    verified = _try_code(contact_id=contact.pk, code=code)
    if isinstance(verified, CodeRefused):
        raise verified
    return verified


# Durable: no transaction of the caller's can give a used attempt back.
@transaction.atomic(durable=True)
def _try_code(*, contact_id: UUID, code: str) -> ContactPoint | CodeRefused:
    contact = ContactPoint.objects.select_for_update().get(pk=contact_id)
    opened = VerificationCode.objects.filter(contact=contact, ended_at=None).first()
    now = timezone.now()
    if opened is None or opened.contact_version != contact.version or not contact.is_active:
        return CodeRefused()
    if opened.expires_at <= now:
        return CodeExpired()
    is_right = constant_time_compare(bytes(opened.code_hash), _hash(opened, code.strip()))
    opened.attempts_left -= 1
    if is_right or opened.attempts_left == 0:
        opened.ended_at = now
    opened.save(update_fields=["attempts_left", "ended_at"])
    if not is_right:
        return WrongCode(opened.attempts_left)
    contact.verified_at = now
    contact.save(update_fields=["verified_at"])
    publish_contacts(contacts=[contact])
    return contact


def _require_pace(contact: ContactPoint) -> None:
    """Per contact point, whatever its address was, and per address, whoever's it is said to be: nobody's mailbox can be
    filled with codes."""
    now = timezone.now()
    asked = VerificationCode.objects.filter(contact=contact)
    to_address = VerificationCode.objects.filter(
        contact__channel=contact.channel, contact__address_hash=bytes(contact.address_hash)
    )
    if (
        asked.filter(requested_at__gt=now - NOT_BEFORE_ANOTHER).exists()
        or asked.filter(requested_at__gt=now - AN_HOUR).count() >= CODES_AN_HOUR
        or asked.filter(requested_at__gt=now - A_DAY).count() >= CODES_A_DAY
        or to_address.filter(requested_at__gt=now - AN_HOUR).count() >= CODES_AN_HOUR_TO_ONE_ADDRESS
    ):
        raise CodeTooSoon


def _hash(opened: VerificationCode, code: str) -> bytes:
    """Keyed, because a million codes are tried in a second."""
    return salted_hmac("tenants.people.verification", f"{opened.id}{code}", algorithm="sha256").digest()
