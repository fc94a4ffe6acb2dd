import http.client
import json
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from local.mail_sink import MailSink
from tests.local.conftest import find_free_port


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[MailSink]:
    running = MailSink(tmp_path / "mail", smtp_port=find_free_port(), page_port=0)
    running.start()
    yield running
    running.stop()


def send(sink: MailSink, *, subject: str = "Ponudba", text: str = "Pozdravljeni.\n", html: str | None = None) -> None:
    message = EmailMessage()
    message["From"] = "Založba <ponudbe@vendor.example>"
    message["To"] = "roditelj@example.org"
    message["Subject"] = subject
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", sink._smtp.port) as client:
        client.send_message(message, from_addr="bounces@vendor.example", to_addrs=["roditelj@example.org"])


def get(sink: MailSink, path: str, host: str = "localhost") -> tuple[int, str, str]:
    """Status, body, content security policy."""
    connection = http.client.HTTPConnection("127.0.0.1", sink.page_port, timeout=10)
    connection.request("GET", path, headers={"Host": host})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body, answer.headers["Content-Security-Policy"]


def only_mail(sink: MailSink) -> str:
    (name,) = sink.mailbox.names()
    return name


def test_an_empty_list_says_what_will_appear_there(sink: MailSink) -> None:
    status, body, _ = get(sink, "/")

    assert status == 200
    assert "Nothing has arrived yet" in body


def test_the_list_shows_sender_recipient_and_subject(sink: MailSink) -> None:
    send(sink, subject="Šolski koledar")

    _, body, _ = get(sink, "/")

    assert "Šolski koledar" in body
    assert "roditelj@example.org" in body
    assert "Založba &lt;ponudbe@vendor.example&gt;" in body


def test_a_mail_is_shown_as_text_as_html_and_with_its_headers(sink: MailSink) -> None:
    send(sink, text="Vse o šoli: https://localhost/why/abc\n", html="<p>Vse o <b>šoli</b></p>")

    _, page, _ = get(sink, f"/messages/{only_mail(sink)}")
    _, content, _ = get(sink, f"/messages/{only_mail(sink)}/html")

    assert '<a href="https://localhost/why/abc"' in page
    assert f'<iframe sandbox="" title="The mail as HTML" src="/messages/{only_mail(sink)}/html">' in page
    assert "<th>List-Unsubscribe-Post</th><td>List-Unsubscribe=One-Click</td>" in page
    assert "bounces@vendor.example" in page
    assert "<b>šoli</b>" in content


def test_a_mail_cannot_run_a_script_or_load_anything(sink: MailSink) -> None:
    send(sink, subject="<script>alert(1)</script>", text="<script>alert(2)</script>", html="<script>alert(3)</script>")

    _, page, page_policy = get(sink, f"/messages/{only_mail(sink)}")
    _, _, mail_policy = get(sink, f"/messages/{only_mail(sink)}/html")

    assert "<script" not in page
    assert page_policy.startswith("default-src 'none'")
    assert mail_policy.startswith("sandbox; default-src 'none'")


def test_the_list_is_there_for_programs_too(sink: MailSink) -> None:
    send(sink, subject="Prvi")
    send(sink, subject="Drugi")

    status, body, _ = get(sink, "/messages.json")

    listed = json.loads(body)
    assert status == 200
    assert [mail["subject"] for mail in listed] == ["Drugi", "Prvi"]
    assert listed[0]["envelope_from"] == "bounces@vendor.example"
    assert listed[0]["envelope_to"] == ["roditelj@example.org"]
    assert {"name": "List-Unsubscribe-Post", "value": "List-Unsubscribe=One-Click"} in listed[0]["headers"]


@pytest.mark.parametrize("path", ["/messages/none", "/messages/..%2F..%2Fetc%2Fpasswd", "/nothing", "/messages/x/html"])
def test_what_is_not_there_is_a_404(sink: MailSink, path: str) -> None:
    status, body, _ = get(sink, path)

    assert status == 404
    assert "No such mail" in body


def test_a_page_of_another_site_cannot_read_the_mails_by_a_name_of_its_own(sink: MailSink) -> None:
    send(sink, subject="Zaupno")

    status, body, _ = get(sink, "/", host="attacker.example")

    assert status == 421
    assert "Zaupno" not in body


def test_mails_are_there_after_a_restart(sink: MailSink, tmp_path: Path) -> None:
    send(sink, subject="Ostane")

    again = MailSink(tmp_path / "mail", smtp_port=find_free_port(), page_port=0)

    assert [mail.subject for mail in again.mailbox.mails()] == ["Ostane"]
    again._page.server_close()


def test_a_mail_half_written_by_a_crash_is_not_shown(sink: MailSink) -> None:
    (sink.mailbox.folder / "00000000000000000001-1-000001.part").write_bytes(b"Subject: half")

    assert sink.mailbox.names() == []
