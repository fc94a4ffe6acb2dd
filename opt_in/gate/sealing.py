"""Addresses and parameters under a key that the database does not have, and the keyed hash that finds an address."""

import hashlib
import hmac
import re
import unicodedata

import phonenumbers
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_EMAIL = re.compile(r"[^@\s\x00-\x1f\"(),:;<>\[\]\\]{1,64}@[^@\s\x00-\x1f\"(),:;<>\[\]\\/]{1,253}")
_HOST_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class CannotUnseal(Exception):
    """None of this process's keys opens it, or it was tampered with."""


class InvalidAddress(ValueError):
    """Not an address of this channel."""


def seal(plain: bytes) -> bytes:
    """Seal with the newest key (Fernet: AES-128-CBC, HMAC-SHA-256)."""
    return _keys().encrypt(plain)


def unseal(sealed: bytes) -> bytes:
    """Open with whichever key fits, so that keys can be changed one after the other."""
    try:
        return _keys().decrypt(bytes(sealed))
    except InvalidToken as error:
        raise CannotUnseal("No key of this process opens this.") from error


def address_hash(channel: str, address: str) -> bytes:
    """HMAC-SHA-256 over channel and normalised address, one key for the platform: equal at every school."""
    key: bytes | None = getattr(settings, "ADDRESS_HASH_KEY", None)
    if not key:
        raise ImproperlyConfigured("This process holds no key for address hashes.")
    return hmac.new(key, f"{channel!s}:{address}".encode(), hashlib.sha256).digest()


def normalise_address(channel: str, address: str, country: str | None = None) -> str:
    """The one form under which an address is kept and found; raises InvalidAddress.

    E-mail in small letters with an ASCII host; telephone numbers as E.164, read as numbers of `country` (ISO 3166-1
    alpha-2) when they do not begin with +.
    """
    match str(channel):
        case "email":
            return _normalise_email(address)
        case "sms":
            return _normalise_phone(address, country)
        case "in_app" | "push":
            if not (clean := address.strip()):
                raise InvalidAddress("The address is empty.")
            return clean
        case _:
            raise InvalidAddress("Unknown channel.")


def _normalise_email(address: str) -> str:
    clean = unicodedata.normalize("NFC", address).strip().lower()
    if not _EMAIL.fullmatch(clean):
        raise InvalidAddress("Not an e-mail address.")
    local, _, host = clean.rpartition("@")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise InvalidAddress("Not an e-mail address.")
    # Nearly always a slip of the keyboard; and where it is none, our mail would go to another mailbox (no SMTPUTF8).
    if not local.isascii():
        raise InvalidAddress("Not an e-mail address that we can write to.")
    try:
        host = host.encode("idna").decode()
    except UnicodeError as error:
        raise InvalidAddress("Not an e-mail address: the host has no valid form.") from error
    labels = host.split(".")
    if len(labels) < 2 or not all(_HOST_LABEL.fullmatch(label) for label in labels):
        raise InvalidAddress("Not an e-mail address: the host is not a domain name.")
    return f"{local}@{host}"


def _normalise_phone(number: str, country: str | None) -> str:
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException as error:
        raise InvalidAddress("Not a telephone number.") from error
    if not phonenumbers.is_valid_number(parsed):
        raise InvalidAddress("There is no such telephone number.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _keys() -> MultiFernet:
    keys = getattr(settings, "CONTACT_KEYS", None)
    if not keys:
        raise ImproperlyConfigured("This process holds no key for addresses.")
    return MultiFernet([Fernet(key) for key in keys])
