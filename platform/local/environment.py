"""The complete environment of each process: its own secrets and nobody else's."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from local.addresses import POSTGRES_PORT, broker_url, postgres_conninfo, postgres_folder
from local.keys import LOGINS, SUPERUSER, Keys, keys_of
from local.places import STATE

# Where a second installation must run beside the first one, all ports move by this much.
_OFFSET = int(os.environ.get("ZGODA_PORT_OFFSET") or 0)
SCHOOL_PORT = 8000 + _OFFSET
VENDOR_PORT = 8001 + _OFFSET
PUBLIC_PORT = 8002 + _OFFSET
MAIL_PAGE_PORT = 8025 + _OFFSET
SMTP_PORT = 1025 + _OFFSET
SMS_PORT = 8026 + _OFFSET
# Where a reply goes that stops offers: a number of the country, so that stopping costs no call abroad.
SMS_REPLY_NUMBERS = {"SI": "+38651000000", "PL": "+48500000000", "UA": "+380500000000"}

# What a command may take over from the terminal it was started in. No secret of ours has such a name.
_FROM_TERMINAL = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TERM",
    "COLUMNS",
    "NO_COLOR",
    "TMPDIR",
    "USER",
    "ZGODA_PORT_OFFSET",
)
# Knobs without secrets that the person at the terminal may turn.
_KNOBS = ("ZGODA_DEBUG", "ZGODA_DISPATCH_PACE", "ZGODA_SENTRY_DSN")


@dataclass(frozen=True, slots=True)
class Process:
    """What a kind of process is allowed to hold."""

    settings: str
    login: str
    overrides_login: bool = False
    broker_user: str | None = None
    opens_addresses: bool = False
    finds_addresses: bool = False
    sends: bool = False
    takes_events: bool = False


PROCESSES = {
    "school": Process("school", "app_school", broker_user="school", opens_addresses=True, finds_addresses=True),
    "vendor": Process("vendor", "app_vendor"),
    "public": Process("public", "app_public", takes_events=True),
    "keeper": Process("keeper", "app_keeper"),
    "dispatch": Process("dispatch", "app_dispatch", opens_addresses=True, finds_addresses=True, sends=True),
    "provision": Process("provision", "zgoda_owner", broker_user="provision"),
    # zgoda_owner migrates the vendor's schema under the vendor's settings: a command, never a running process.
    "vendor-owner": Process("vendor", "zgoda_owner", overrides_login=True),
}


def environment_for(process: str, state: Path = STATE) -> dict[str, str]:
    """Everything that a process of this kind needs, for subprocess or exec. Also: bootstrap, witness."""
    environment = {name: os.environ[name] for name in _FROM_TERMINAL if name in os.environ}
    environment |= {"PYTHONUNBUFFERED": "1", "ZGODA_STATE": str(state)}
    if process == "bootstrap":
        # The one command that holds every secret; it goes on as zgoda_owner to migrate what that login owns.
        return environment_for("provision", state) | _bootstrap_environment(state)
    if process == "witness":
        return environment | _database_environment("ledger_witness", state) | {"ZGODA_DB_USER": "ledger_witness"}
    if process not in PROCESSES:
        raise KeyError(f"There is no process {process}. Known: {', '.join([*PROCESSES, 'bootstrap', 'witness'])}.")
    kind = PROCESSES[process]
    keys = keys_of(state)
    environment |= _knobs(process, state)
    environment |= _database_environment(kind.login, state)
    environment |= {
        "DJANGO_SETTINGS_MODULE": f"config.settings.{kind.settings}",
        "ZGODA_SECRET_KEY": keys.signing_key_of(kind.settings),
        "ZGODA_SCHOOL_URL_PATTERN": f"http://{{subdomain}}.localhost:{SCHOOL_PORT}",
        "ZGODA_VENDOR_URL": f"http://localhost:{VENDOR_PORT}",
        "ZGODA_PUBLIC_URL": f"http://localhost:{PUBLIC_PORT}",
    }
    if static_folder(kind.settings, state).is_dir():
        environment["ZGODA_STATIC_ROOT"] = str(static_folder(kind.settings, state))
    if kind.overrides_login:
        environment["ZGODA_DB_USER"] = kind.login
    if kind.broker_user:
        environment["ZGODA_BROKER_URL"] = broker_url(kind.broker_user, state)
    if kind.opens_addresses:
        environment["ZGODA_CONTACT_KEYS"] = keys.contact_keys
    if kind.finds_addresses:
        environment["ZGODA_ADDRESS_HASH_KEY"] = keys.address_hash_key
    if kind.sends:
        environment |= {"ZGODA_SMTP_HOST": "127.0.0.1", "ZGODA_SMTP_PORT": str(SMTP_PORT)}
        environment |= _sms_environment(keys)
    if kind.takes_events:
        environment["ZGODA_SMS_CALLBACK_SECRET"] = keys.sms_callback_secret
        environment["ZGODA_EVENT_SEALING_KEY"] = keys.event_sealing_key
    return environment


def static_folder(settings: str, state: Path = STATE) -> Path:
    """Where the style sheets and scripts of a process lie once they are collected (local.static_files)."""
    return state / "static" / settings


def turn_knob(process: str, name: str, value: str, state: Path = STATE) -> None:
    """Set one of the knobs for the next start of a process, for instance the dispatcher's pace. Empty: as before."""
    if name not in _KNOBS:
        raise ValueError(f"{name} is no knob. Knobs: {', '.join(_KNOBS)}.")
    knobs = _read_knobs(state)
    knobs.setdefault(process, {})[name] = value
    (state / "knobs.json").write_text(json.dumps(knobs, indent=1))


def _knobs(process: str, state: Path) -> dict[str, str]:
    from_terminal = {name: os.environ[name] for name in _KNOBS if name in os.environ}
    return from_terminal | {name: value for name, value in _read_knobs(state).get(process, {}).items() if value}


def _read_knobs(state: Path) -> dict[str, dict[str, str]]:
    path = state / "knobs.json"
    knobs: dict[str, dict[str, str]] = json.loads(path.read_text()) if path.exists() else {}
    return knobs


def _database_environment(login: str, state: Path) -> dict[str, str]:
    return {
        "ZGODA_DB_HOST": str(postgres_folder(state)),
        "ZGODA_DB_PORT": str(POSTGRES_PORT),
        "ZGODA_DB_NAME": "zgoda",
        "ZGODA_DB_PASSWORD": keys_of(state).password_of(login),
    }


def _sms_environment(keys: Keys) -> dict[str, str]:
    return {
        "ZGODA_SMS_URL": f"http://127.0.0.1:{SMS_PORT}",
        "ZGODA_SMS_TOKEN": keys.sms_token,
        "ZGODA_SMS_REPLY_NUMBERS": ",".join(f"{country}={number}" for country, number in SMS_REPLY_NUMBERS.items()),
        "ZGODA_SMS_CALLBACK_SECRET": keys.sms_callback_secret,
        "ZGODA_EVENT_OPENING_KEY": keys.event_opening_key,
    }


def _bootstrap_environment(state: Path) -> dict[str, str]:
    passwords = {f"ZGODA_PASSWORD_{login.upper()}": keys_of(state).password_of(login) for login in LOGINS}
    return passwords | {"ZGODA_BOOTSTRAP_DSN": postgres_conninfo(SUPERUSER, "postgres", state)}
