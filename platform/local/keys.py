"""The secrets of one local installation: made once, kept in one file that only its owner can read."""

import base64
import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

SUPERUSER = "bootstrap"
LOGINS = (
    "zgoda_owner",
    "app_school",
    "app_vendor",
    "app_public",
    "app_keeper",
    "app_dispatch",
    "ledger_witness",
)
BROKER_USERS = ("school", "provision")
DJANGO_PROCESSES = ("school", "vendor", "public", "keeper", "dispatch", "provision")


@dataclass(frozen=True, slots=True)
class Keys:
    """One password per login and broker user, one signing key per settings module, the keys of contacts and gateway."""

    values: dict[str, str]

    def password_of(self, login: str) -> str:
        return self.values[f"login.{login}"]

    def broker_password_of(self, user: str) -> str:
        return self.values[f"broker.{user}"]

    def signing_key_of(self, settings: str) -> str:
        return self.values[f"django.{settings}"]

    @property
    def contact_keys(self) -> str:
        """Fernet keys, newest first, separated by commas."""
        return self.values["contacts.keys"]

    @property
    def address_hash_key(self) -> str:
        """32 bytes in hexadecimal."""
        return self.values["contacts.hash_key"]

    @property
    def demo_password(self) -> str:
        """Of every person who can log in to this installation's demo schools."""
        return self.values["demo.password"]

    @property
    def sms_token(self) -> str:
        """What a sender of text messages shows to the gateway."""
        return self.values["sms.token"]

    @property
    def sms_callback_secret(self) -> str:
        """The part of the callbacks' address that nobody can guess."""
        return self.values["sms.callback_secret"]

    @property
    def event_opening_key(self) -> str:
        """X25519 private key in hexadecimal: opens what a provider told the public site."""
        return self.values["events.opening_key"]

    @property
    def event_sealing_key(self) -> str:
        """Its public half, which can only seal."""
        return self.values["events.sealing_key"]


def keys_of(state: Path) -> Keys:
    """Read the secrets of this state folder, making those that are missing. Safe when two processes ask at once."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = state / "keys.json"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = file.read()
        values: dict[str, str] = json.loads(text) if text else {}
        missing = {name: value for name, value in _fresh().items() if name not in values}
        if "events.opening_key" not in values:
            missing |= _fresh_event_keys()
        if missing:
            values |= missing
            file.seek(0)
            file.write(json.dumps(values, indent=1))
            file.truncate()
    return Keys(values=values)


def _fresh() -> dict[str, str]:
    values = {f"login.{login}": secrets.token_urlsafe(24) for login in (SUPERUSER, *LOGINS)}
    values |= {f"broker.{user}": secrets.token_urlsafe(24) for user in BROKER_USERS}
    values |= {f"django.{settings}": secrets.token_urlsafe(48) for settings in DJANGO_PROCESSES}
    values["contacts.keys"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    values["demo.password"] = f"demo-{secrets.token_hex(3)}-{secrets.token_hex(3)}"
    values["contacts.hash_key"] = secrets.token_hex(32)
    return values | {"sms.token": secrets.token_urlsafe(24), "sms.callback_secret": secrets.token_hex(32)}


def _fresh_event_keys() -> dict[str, str]:
    """A pair, so both are made together."""
    # Here, because every process that is started reads this module first and hardly any makes keys.
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    private = X25519PrivateKey.generate()
    return {
        "events.opening_key": private.private_bytes_raw().hex(),
        "events.sealing_key": private.public_key().public_bytes_raw().hex(),
    }
