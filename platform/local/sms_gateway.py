"""A provider of text messages that delivers nowhere, speaking SMSAPI's protocol: python -m local.sms_gateway.

It takes messages under registered sender names, reports on them, and has a page that shows what arrived and lets one
answer as the phone would. Numbers that end in one of TROUBLES meet the trouble that stands there.
"""

import hmac
import json
import signal
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from local.environment import PUBLIC_PORT, SMS_PORT, SMS_REPLY_NUMBERS
from local.keys import keys_of
from local.plain_pages import OWN_HOSTS
from local.run import chosen_state
from local.sms_box import Message, SmsBox
from local.sms_callbacks import Caller, reply_to, report_on
from local.sms_pages import PAGE_POLICY, list_page, listed, message_page, missing_page, replied_page
from local.tether import end_with_manager

# What a real account has registered: the house's name, and the vendor's own.
SENDERS = frozenset({"Zgoda", "ZgodaOffers"})
LARGEST_REQUEST = 64 * 1024
LONGEST_TEXT = 1530  # ten joined parts of plain letters
SLOW_SECONDS = 12.0
LISTED = 500


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens to a message. `accepts`: it is kept all the same."""

    means: str
    error: int | None = None
    accepts: bool = False
    waits: float = 0.0
    drops_connection: bool = False
    status: int = 404


# By the last four digits of the number.
TROUBLES: Mapping[str, Trouble] = {
    "0001": Trouble("there is no such number", error=13),
    "0002": Trouble("the account has no credit", error=103),
    "0003": Trouble("the gateway fails inside, and accepts nothing", error=999),
    "0004": Trouble("accepted, and the answer comes too late", accepts=True, waits=SLOW_SECONDS),
    "0005": Trouble("accepted, and the connection breaks before the answer", accepts=True, drops_connection=True),
    "0006": Trouble("accepted, and reported as not delivered", accepts=True, status=405),
    "0007": Trouble("the connection breaks, and nothing is accepted", drops_connection=True),
}
FINE = Trouble("accepted and delivered", accepts=True)
ERRORS = {
    11: "The message is too long or there is none",
    13: "No valid telephone number",
    14: "Invalid sender field",
    53: "Not unique idx parameter",
    101: "Authorization failed",
    103: "Not enough points",
    999: "Internal error",
}


class GatewayHandler(BaseHTTPRequestHandler):
    """The protocol, the pages and the JSON list; only for this machine's own names."""

    gateway: "SmsGateway"
    server_version = "zgoda-sms"

    def do_GET(self) -> None:
        if not self._is_for_us():
            return
        path = urlsplit(self.path).path
        if path == "/user.do":
            self._balance()
            return
        try:
            self._show(unquote(path).strip("/").split("/"))
        except KeyError:
            self._page(404, missing_page())

    def do_POST(self) -> None:
        if not self._is_for_us():
            return
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_REQUEST:
            self._answer(413, "text/plain", "Too large.\n")
            return
        given = parse_qs(self.rfile.read(length).decode("utf-8", "replace"), keep_blank_values=True)
        form = {name: values[-1] for name, values in given.items()}
        match unquote(urlsplit(self.path).path).strip("/").split("/"):
            case ["sms.do"]:
                self._take(form)
            case ["messages", name, "reply"]:
                self._reply(name, form.get("text", ""))
            case _:
                self._page(404, missing_page())

    def _is_for_us(self) -> bool:
        if urlsplit(f"//{self.headers.get('Host', '')}").hostname in OWN_HOSTS:
            return True
        self._answer(421, "text/plain", "This answers on localhost only.\n")
        return False

    def _is_authorised(self) -> bool:
        wanted = f"Bearer {self.gateway.token}"
        if hmac.compare_digest(self.headers.get("Authorization", "").encode(), wanted.encode()):
            return True
        self._error(101, status=401)
        return False

    # -- the protocol

    def _balance(self) -> None:
        if self._is_authorised():
            self._json(200, {"points": 1000.0, "proCount": 0, "ecoCount": 0})

    def _take(self, form: Mapping[str, str]) -> None:
        if not self._is_authorised():
            return
        number, text = form.get("to", "").removeprefix("+"), form.get("message", "")
        if form.get("from", "") not in SENDERS:
            self._error(14)
        elif not 1 <= len(text) <= LONGEST_TEXT:
            self._error(11)
        elif not (number.isascii() and number.isdigit() and 8 <= len(number) <= 15):
            self._error(13)
        else:
            self._deliver(number, text, form, TROUBLES.get(number[-4:], FINE))

    def _deliver(self, number: str, text: str, form: Mapping[str, str], trouble: Trouble) -> None:
        if trouble.error is not None:
            self._error(trouble.error)
            return
        message = None
        if trouble.accepts:
            message = self.gateway.box.store(
                number=number,
                sender=form["from"],
                text=text,
                idx=form.get("idx", "")[:255],
                check_idx=form.get("check_idx") == "1",
            )
            if message is None:
                self._error(53)
                return
            if form.get("notify_url"):
                self.gateway.caller.put(report_on(message, trouble.status, form["notify_url"]))
        time.sleep(trouble.waits)
        if trouble.drops_connection or message is None:
            self.close_connection = True
            return
        entry = {"id": message.id, "points": 0.07, "number": number, "date_sent": int(time.time())}
        entry |= {"submitted_number": form["to"], "status": "QUEUE", "error": None, "idx": message.idx or None}
        self._json(200, {"count": 1, "list": [entry]})

    def _error(self, code: int, *, status: int = 200) -> None:
        self._json(status, {"invalid_numbers": None, "error": code, "message": ERRORS[code]})

    # -- the pages

    def _show(self, parts: list[str]) -> None:
        box = self.gateway.box
        match parts:
            case [""]:
                self._page(200, list_page(box.messages(LISTED), len(box.names()), troubles()))
            case ["messages.json"]:
                self._json(200, [listed(message) for message in box.messages()])
            case ["messages", name]:
                self._page(200, message_page(box.read(name), reply_number_for(box.read(name))))
            case _:
                raise KeyError("/".join(parts))

    def _reply(self, name: str, text: str) -> None:
        # A page of another site must not answer in a phone's name.
        if self.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            self._answer(403, "text/plain", "Only from the page of this message.\n")
            return
        try:
            message = self.gateway.box.read(name)
        except KeyError:
            self._page(404, missing_page())
            return
        number = reply_number_for(message)
        self.gateway.caller.put(reply_to(message, text[:LONGEST_TEXT], reply_number=number, url=self.gateway.inbound))
        self._page(200, replied_page(message, text))

    # -- answers

    def _json(self, status: int, value: object) -> None:
        self._answer(status, "application/json", json.dumps(value))

    def _page(self, status: int, text: str) -> None:
        self._answer(status, "text/html", text)

    def _answer(self, status: int, kind: str, text: str) -> None:
        body = text.encode("utf-8", "replace")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", PAGE_POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Numbers and texts do not belong in a log."""


class SmsGateway:
    """The server, on loopback only, and its callbacks."""

    def __init__(self, folder: Path, *, token: str, inbound: str, port: int = SMS_PORT) -> None:
        self.box = SmsBox(folder)
        self.token = token
        self.inbound = inbound
        self.caller = Caller()
        handler = type("BoundGatewayHandler", (GatewayHandler,), {"gateway": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self.caller.start()
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.caller.stop()


def troubles() -> Iterable[tuple[str, str]]:
    return [(f"…{digits}", trouble.means) for digits, trouble in TROUBLES.items()]


def reply_number_for(message: Message) -> str:
    """The number of the message's own country, else any."""
    for number in SMS_REPLY_NUMBERS.values():
        if message.number.startswith(number[1:4]):
            return number
    return next(iter(SMS_REPLY_NUMBERS.values()))


def main() -> None:
    end_with_manager()
    state = chosen_state()
    keys = keys_of(state)
    inbound = f"http://127.0.0.1:{PUBLIC_PORT}/sms/inbound/{keys.sms_callback_secret}"
    gateway = SmsGateway(state / "sms", token=keys.sms_token, inbound=inbound)
    # Blocked before the threads begin, so that they inherit it and the signal reaches sigwait.
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    gateway.start()
    signal.sigwait(signals)
    gateway.stop()


if __name__ == "__main__":
    main()
