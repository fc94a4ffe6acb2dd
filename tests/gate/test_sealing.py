"""What happens to addresses and texts before the gate sees them."""

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from opt_in.gate.canonical import NotCanonical, canonical_json, content_hash
from opt_in.gate.sealing import CannotUnseal, InvalidAddress, address_hash, normalise_address, seal, unseal

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def keys() -> Iterator[None]:
    if not settings.configured:
        settings.configure()
    settings.CONTACT_KEYS, settings.ADDRESS_HASH_KEY = [NEW, OLD], b"k" * 32
    yield
    del settings.CONTACT_KEYS, settings.ADDRESS_HASH_KEY


def test_what_was_sealed_under_an_older_key_still_opens() -> None:
    assert unseal(Fernet(OLD).encrypt(b"ana@example.org")) == b"ana@example.org"
    assert Fernet(NEW).decrypt(seal(b"ana@example.org")) == b"ana@example.org"


def test_what_was_tampered_with_does_not_open() -> None:
    sealed = bytearray(seal(b"ana@example.org"))
    sealed[20] ^= 1

    with pytest.raises(CannotUnseal):
        unseal(bytes(sealed))


def test_a_process_without_a_key_says_so() -> None:
    settings.CONTACT_KEYS, settings.ADDRESS_HASH_KEY = [], None

    with pytest.raises(ImproperlyConfigured):
        seal(b"x")
    with pytest.raises(ImproperlyConfigured):
        address_hash("email", "a@example.org")


def test_the_same_address_has_the_same_hash_and_another_channel_another() -> None:
    assert address_hash("email", "a@example.org") == address_hash("email", "a@example.org")
    assert address_hash("email", "a@example.org") != address_hash("sms", "a@example.org")
    assert len(address_hash("email", "a@example.org")) == 32


@pytest.mark.parametrize(
    ("channel", "given", "country", "kept"),
    [
        ("email", " Ana.Novak@Example.ORG ", None, "ana.novak@example.org"),
        ("email", "ana@šola.si", None, "ana@xn--ola-zza.si"),
        ("sms", "041 234 567", "SI", "+38641234567"),
        ("sms", "+48 512 345 678", None, "+48512345678"),
        ("sms", "050 123 45 67", "UA", "+380501234567"),
    ],
)
def test_an_address_has_one_form(channel: str, given: str, country: str | None, kept: str) -> None:
    assert normalise_address(channel, given, country) == kept


@pytest.mark.parametrize(
    ("channel", "given"),
    [
        ("email", "ana"),
        ("email", "ana@localhost"),
        ("email", "ana@example..org"),
        ("email", "a b@example.org"),
        ("email", "ana@example.org\nBcc: all@example.org"),
        ("email", ".ana@example.org"),
        ("email", "józef@example.org"),
        ("sms", "041 234 567"),
        ("sms", "+386 1"),
        ("fax", "041234567"),
    ],
)
def test_what_is_no_address_is_refused(channel: str, given: str) -> None:
    with pytest.raises(InvalidAddress):
        normalise_address(channel, given)


def test_the_canonical_form_is_the_one_of_the_rfc() -> None:
    assert canonical_json({"b": [1, "č\n"], "a": None, "A": True}) == '{"A":true,"a":null,"b":[1,"č\\n"]}'
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})


@pytest.mark.parametrize("value", [1.5, 2**53, {"ž": 1}, {1: 1}, b"x", {1, 2}])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical_json(value)
