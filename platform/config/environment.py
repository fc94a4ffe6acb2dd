"""Reads the process's environment: everything a process may know that is not in the repository."""

import os
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def required(name: str) -> str:
    """The value of NAME; a missing or empty one stops the process with a sentence that says what to set."""
    value = os.environ.get(name, "")
    if not value:
        settings_module = os.environ.get("DJANGO_SETTINGS_MODULE", "the settings")
        raise ImproperlyConfigured(f"{name} is not set. {settings_module} cannot start without it.")
    return value


def optional(name: str, default: str = "") -> str:
    return os.environ.get(name, "") or default


def switched_on(name: str) -> bool:
    value = os.environ.get(name, "").lower()
    if value not in {"", "0", "1", "false", "true", "no", "yes"}:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")
    return value in {"1", "true", "yes"}


def one_of(name: str, *choices: str) -> str:
    """One of these words; the first one unless it is set."""
    value = optional(name, choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of: {', '.join(choices)}.")
    return value


def hex_key(name: str, *, length: int) -> bytes:
    """A secret of exactly LENGTH bytes, written in hexadecimal."""
    try:
        key = bytes.fromhex(required(name))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be written in hexadecimal.") from error
    if len(key) != length:
        raise ImproperlyConfigured(f"{name} must be {length} bytes long, written as {length * 2} hexadecimal digits.")
    return key


def listed(name: str) -> tuple[str, ...]:
    """Comma-separated values, at least one."""
    values = tuple(part.strip() for part in required(name).split(",") if part.strip())
    if not values:
        raise ImproperlyConfigured(f"{name} lists nothing.")
    return values


def paired(name: str) -> dict[str, str]:
    """Comma-separated pairs, KEY=VALUE."""
    pairs = [part.partition("=") for part in listed(name)]
    if not all(key and value for key, _, value in pairs):
        raise ImproperlyConfigured(f"{name} must be written as KEY=VALUE,KEY=VALUE.")
    return {key: value for key, _, value in pairs}


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def is_https(url: str) -> bool:
    return urlsplit(url).scheme == "https"
