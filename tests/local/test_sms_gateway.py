import http.client
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from local.sms_gateway import TROUBLES, SmsGateway

TOKEN = "secret token"
GOOD = {"to": "38651234567", "from": "ZgodaOffers", "message": "Ponudba", "format": "json", "encoding": "utf-8"}


class Customer:
    """Whoever the provider calls back. Fails the first calls if it is told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, str]]] = []
        self.fails = 0
        customer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                if customer.fails:
                    customer.fails -= 1
                    self.send_error(503)
                    return
                customer.heard.append((self.path, {name: values[0] for name, values in form.items()}))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"OK")

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_for(self, calls: int) -> None:
        end = time.monotonic() + 10
        while len(self.heard) < calls:
            assert time.monotonic() < end, "the provider did not call"
            time.sleep(0.02)


@pytest.fixture
def customer() -> Iterator[Customer]:
    running = Customer()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def gateway(tmp_path: Path, customer: Customer) -> Iterator[SmsGateway]:
    running = SmsGateway(tmp_path / "sms", token=TOKEN, inbound=f"{customer.url}/inbound", port=0)
    running.start()
    yield running
    running.stop()


def call(
    gateway: SmsGateway,
    method: str,
    path: str,
    form: dict[str, str] | None = None,
    *,
    token: str = TOKEN,
    headers: dict[str, str] | None = None,
) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", int(gateway.url.rpartition(":")[2]), timeout=20)
    sent = {"Authorization": f"Bearer {token}", "Host": "localhost", **(headers or {})}
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, urlencode(form) if form is not None else None, sent)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def send(gateway: SmsGateway, **changes: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(call(gateway, "POST", "/sms.do", GOOD | changes)[1])
    return answer


def error_of(answer: dict[str, Any]) -> object:
    return answer.get("error")


def test_an_accepted_message_is_answered_as_the_provider_does(gateway: SmsGateway) -> None:
    answer = send(gateway, idx="0198-a")

    assert answer["count"] == 1
    entry = answer["list"][0]
    assert (entry["number"], entry["status"], entry["error"], entry["idx"]) == ("38651234567", "QUEUE", None, "0198-a")
    (message,) = gateway.box.messages()
    assert (entry["id"], message.sender, message.text) == (message.id, "ZgodaOffers", "Ponudba")


@pytest.mark.parametrize("sender", ["", "zgodaoffers", "ZGODA", "SP Brzozowa", "Zgoda "])
def test_only_registered_sender_names_are_taken(gateway: SmsGateway, sender: str) -> None:
    assert error_of(send(gateway, **{"from": sender})) == 14
    assert gateway.box.names() == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"message": ""}, 11),
        ({"message": "a" * 1531}, 11),
        ({"to": ""}, 13),
        ({"to": "none"}, 13),
        ({"to": "123"}, 13),
        ({"to": "38651230001"}, 13),
        ({"to": "38651230002"}, 103),
        ({"to": "38651230003"}, 999),
    ],
)
def test_what_cannot_go_is_refused_with_the_providers_code(
    gateway: SmsGateway, changes: dict[str, str], error: int
) -> None:
    assert error_of(send(gateway, **changes)) == error
    assert gateway.box.names() == []


@pytest.mark.parametrize("token", ["", "another", TOKEN.upper()])
@pytest.mark.parametrize(("method", "path"), [("POST", "/sms.do"), ("GET", "/user.do?credits=1")])
def test_a_stranger_sends_nothing_and_learns_nothing(gateway: SmsGateway, method: str, path: str, token: str) -> None:
    status, body = call(gateway, method, path, GOOD if method == "POST" else None, token=token)

    assert status == 401
    assert json.loads(body)["error"] == 101
    assert gateway.box.names() == []


def test_the_balance_is_told_to_the_customer(gateway: SmsGateway) -> None:
    assert json.loads(call(gateway, "GET", "/user.do?credits=1&details=1&format=json")[1])["points"] > 0


def test_one_index_takes_one_message_also_after_a_restart(
    gateway: SmsGateway, customer: Customer, tmp_path: Path
) -> None:
    assert error_of(send(gateway, idx="a", check_idx="1")) is None
    assert error_of(send(gateway, idx="a", check_idx="1")) == 53

    again = SmsGateway(tmp_path / "sms", token=TOKEN, inbound=customer.url, port=0)
    again.start()
    try:
        assert error_of(send(again, idx="a", check_idx="1")) == 53
        assert error_of(send(again, idx="a")) is None
    finally:
        again.stop()


def test_what_broke_before_it_was_accepted_may_be_sent_again(gateway: SmsGateway) -> None:
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        send(gateway, to="38651230007", idx="a", check_idx="1")

    assert gateway.box.names() == []


@pytest.mark.parametrize(
    ("number", "status", "name"), [("38651234567", "404", "DELIVERED"), ("38651230006", "405", "UNDELIVERED")]
)
def test_a_message_is_reported_on_at_the_address_it_names(
    gateway: SmsGateway, customer: Customer, number: str, status: str, name: str
) -> None:
    send(gateway, to=number, idx="0198-a", notify_url=f"{customer.url}/report")

    customer.wait_for(1)
    path, form = customer.heard[0]
    assert path == "/report"
    assert (form["idx"], form["status"], form["status_name"]) == ("0198-a", status, name)


def test_a_customer_who_does_not_answer_is_called_again(gateway: SmsGateway, customer: Customer) -> None:
    customer.fails = 2
    send(gateway, notify_url=f"{customer.url}/report")

    customer.wait_for(1)
    time.sleep(0.2)
    assert len(customer.heard) == 1


def test_a_reply_from_the_page_reaches_the_customer(gateway: SmsGateway, customer: Customer) -> None:
    send(gateway)
    (name,) = gateway.box.names()

    status, body = call(gateway, "POST", f"/messages/{name}/reply", {"text": "Stop, hvala"})

    assert status == 200
    assert "Answer sent" in body
    customer.wait_for(1)
    path, form = customer.heard[0]
    assert path == "/inbound"
    assert (form["sms_from"], form["sms_to"], form["sms_text"]) == ("38651234567", "38651000000", "Stop, hvala")


def test_a_page_of_another_site_cannot_answer_in_a_phones_name(gateway: SmsGateway, customer: Customer) -> None:
    send(gateway)
    (name,) = gateway.box.names()
    path = f"/messages/{name}/reply"

    crossed = call(gateway, "POST", path, {"text": "STOP"}, headers={"Sec-Fetch-Site": "cross-site"})
    renamed = call(gateway, "POST", path, {"text": "STOP"}, headers={"Host": "attacker.example"})

    assert (crossed[0], renamed[0]) == (403, 421)
    time.sleep(0.2)
    assert customer.heard == []


def test_the_page_lists_what_arrived_and_which_numbers_meet_trouble(gateway: SmsGateway) -> None:
    empty = call(gateway, "GET", "/")[1]
    send(gateway, message="<script>alert(1)</script> https://localhost/s/abc")
    listed = call(gateway, "GET", "/")[1]
    shown = call(gateway, "GET", f"/messages/{gateway.box.names()[0]}")[1]

    assert "Nothing has arrived yet" in empty
    assert all(f"…{digits}" in empty and trouble.means in empty for digits, trouble in TROUBLES.items())
    assert "ZgodaOffers" in listed
    assert "+38651234567" in listed
    assert "<script" not in listed + shown
    assert '<a href="https://localhost/s/abc"' in shown
    assert '<label for="text">' in shown


def test_the_list_is_there_for_programs_too(gateway: SmsGateway) -> None:
    send(gateway, message="Prvi")
    send(gateway, message="Drugi", to="48501234567")

    listed = json.loads(call(gateway, "GET", "/messages.json")[1])

    assert [(one["to"], one["text"]) for one in listed] == [("+48501234567", "Drugi"), ("+38651234567", "Prvi")]


@pytest.mark.parametrize("path", ["/messages/none", "/messages/..%2F..%2Fetc%2Fpasswd", "/nothing"])
def test_what_is_not_there_is_a_404(gateway: SmsGateway, path: str) -> None:
    assert call(gateway, "GET", path)[0] == 404
    assert call(gateway, "POST", path, {"text": "STOP"})[0] == 404


def test_a_request_that_is_too_large_is_refused(gateway: SmsGateway) -> None:
    assert call(gateway, "POST", "/sms.do", GOOD | {"message": "a" * 70_000})[0] == 413


def test_a_message_half_written_by_a_crash_is_not_shown(gateway: SmsGateway) -> None:
    (gateway.box.folder / "00000000000000000001-1-000001.part").write_text("{")

    assert gateway.box.names() == []
