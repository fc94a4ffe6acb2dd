"""Text messages through SMSAPI's HTTP protocol (smsapi.pl/docs; codes: smsapi.pl/statusy-wiadomosci)."""

import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from notifications.channels import LOOPBACK
from notifications.channels.bounded_http import BoundedAdapter
from notifications.channels.delivery import Delivery

# How long one message may occupy us. Well below the lease of a claim.
SECONDS_PER_MESSAGE = 15.0
# An answer proves for so long that the gateway is there and knows us.
SECONDS_TRUSTED = 5.0
# After the account was refused, one message at a time tries whether that is mended: an offer is used up by trying.
SECONDS_DISTRUSTED = 60.0
BALANCE = "/user.do?credits=1&details=1&format=json"
LARGEST_ANSWER = 64 * 1024

NO_SUCH_NUMBER = 13
SENT_BEFORE = 53
# The account, not the message: a wrong token or address of ours, no credit, a closed account. Nothing was accepted.
ACCOUNT_TROUBLE = frozenset({98, 101, 102, 103, 105, 110})
REFUSED_ACCOUNT = frozenset(f"sms.{code}" for code in ACCOUNT_TROUBLE) | {"sms.http.401", "sms.http.403"}
# Too fast, or the gateway's own trouble. Nothing was accepted.
LATER = frozenset({8, 52, 201, 202, 203, 666, 999})


class UnusableGateway(Exception):
    """Numbers and texts would travel in the clear."""


@dataclass(frozen=True, slots=True)
class Sms:
    """One message to one number (E.164), ready to go."""

    envelope_id: UUID
    to: str
    sender: str
    text: str


class SmsChannel:
    def __init__(self, *, url: str, token: str, notify_url: str, timeout: float = 10) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise UnusableGateway(f"ZGODA_SMS_URL must begin with https://, not {url!r}.")
        self.url = url.rstrip("/")
        self.notify_url = notify_url
        self.timeout = timeout
        self.trusted_until = self.distrusted_until = 0.0
        self.session = requests.Session()
        # The token goes to this host and no other: neither redirects nor a .netrc change what is sent where.
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.adapter = BoundedAdapter()
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, self.adapter)

    def ready(self) -> bool:
        """Whether sending can be expected to work. Asked before anything is claimed, so that nothing is wasted."""
        now = time.monotonic()
        if now < self.trusted_until:
            return True
        if now < self.distrusted_until:
            return False
        try:
            status, answer = self._call("GET", BALANCE, deadline=now + SECONDS_PER_MESSAGE)
        except requests.RequestException:
            return False
        if status != 200 or "points" not in answer:
            return False
        self.trusted_until = time.monotonic() + SECONDS_TRUSTED
        return True

    def close(self) -> None:
        self.session.close()

    def send(self, sms: Sms, *, deadline: float) -> Delivery:
        """Send before `deadline` (time.monotonic).

        A message that may have arrived is offered once more under the same index, of which the gateway takes one
        message only: so it goes out at most once, and we learn whether it did.
        """
        limit = min(deadline, time.monotonic() + SECONDS_PER_MESSAGE)
        delivery = self._attempt(sms, limit)
        if delivery.outcome == "unknown" and time.monotonic() < limit:
            delivery = self._attempt(sms, limit)
            # What is refused the second time may have been accepted the first time.
            if delivery.outcome in ("retry", "failed", "bounced"):
                delivery = Delivery("unknown", delivery.detail)
        if delivery.outcome != "sent":
            self.trusted_until = 0.0
        if delivery.detail in REFUSED_ACCOUNT:
            self.distrusted_until = time.monotonic() + SECONDS_DISTRUSTED
        return delivery

    def _attempt(self, sms: Sms, deadline: float) -> Delivery:
        form = {
            "to": sms.to.removeprefix("+"),
            "from": sms.sender,
            "message": sms.text,
            "encoding": "utf-8",
            "format": "json",
            "idx": str(sms.envelope_id),
            "check_idx": "1",
            "notify_url": self.notify_url,
        }
        try:
            status, answer = self._call("POST", "/sms.do", deadline=deadline, form=form)
        except requests.RequestException as error:
            return Delivery("retry", "sms.unreachable") if _never_left(error) else Delivery("unknown", "sms.silent")
        if "error" in answer:
            return judge_code(answer["error"])
        entry = _only_entry(answer)
        if entry is not None and entry.get("error"):
            return judge_code(entry["error"])
        if status == 200 and entry is not None and entry.get("id"):
            return Delivery("sent", "", str(entry["id"])[:100])
        if status in (401, 403, 429):
            return Delivery("retry", f"sms.http.{status}")
        if 400 <= status < 500:
            return Delivery("failed", f"sms.http.{status}")
        return Delivery("unknown", f"sms.http.{status}")

    def _call(
        self, method: str, path: str, *, deadline: float, form: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON object of the answer; an empty one where it is not JSON. Raises requests' exceptions."""
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise requests.ConnectTimeout
        wait = min(self.timeout, remaining)
        with (
            self.adapter.within(wait),
            self.session.request(
                method, self.url + path, data=form, timeout=wait, stream=True, allow_redirects=False
            ) as response,
        ):
            body = b""
            for piece in response.iter_content(4096):
                body += piece
                if len(body) > LARGEST_ANSWER:
                    raise requests.ReadTimeout
        try:
            answer = json.loads(body)
        except ValueError:
            answer = {}
        return response.status_code, answer if isinstance(answer, dict) else {}


def judge_code(code: object) -> Delivery:
    """What an error code means. The message beside it is dropped: it may quote the number."""
    number = int(code) if isinstance(code, int | str) and str(code).isdecimal() else None
    detail = f"sms.{number}" if number is not None else "sms.unclear"
    if number is None:
        return Delivery("unknown", detail)
    if number == SENT_BEFORE:
        return Delivery("sent", detail)
    if number == NO_SUCH_NUMBER:
        return Delivery("bounced", detail)
    if number in ACCOUNT_TROUBLE or number in LATER:
        return Delivery("retry", detail)
    return Delivery("failed", detail)


def _only_entry(answer: dict[str, Any]) -> dict[str, Any] | None:
    entries = answer.get("list")
    if isinstance(entries, list) and len(entries) == 1 and isinstance(entries[0], dict):
        return entries[0]
    return None


def _never_left(error: requests.RequestException) -> bool:
    """Whether the request cannot have reached the gateway. What TLS complains of may come with the answer."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
