"""A real SMTP server that delivers nowhere, and a page that shows what arrived: python -m local.mail_sink."""

import json
import signal
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from local.environment import MAIL_PAGE_PORT, SMTP_PORT
from local.mailbox import Mail, Mailbox
from local.plain_pages import OWN_HOSTS, PAGE_POLICY, escaped, page_of, table_of, with_links
from local.run import chosen_state
from local.tether import end_with_manager

_LISTED = 500
_LARGEST_MAIL = 10 * 1024 * 1024
# The mail's HTML may bring its own style, and is boxed twice: here and by its frame.
_MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class SmtpSink:
    """Takes every mail for every address."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        name = self.mailbox.store(envelope.mail_from or "", list(envelope.rcpt_tos), content)
        return f"250 2.0.0 kept as {name}"


def list_page(mails: Iterable[Mail], total: int) -> str:
    rows = [
        f"<tr><td>{mail.received_at:%Y-%m-%d %H:%M:%S}</td><td>{escaped(str(mail.message.get('From', '')))}</td>"
        f"<td>{escaped(', '.join(mail.recipients))}</td>"
        f'<td><a href="/messages/{mail.id}">{escaped(mail.subject) or "(no subject)"}</a></td></tr>'
        for mail in mails
    ]
    table = (
        "<table><thead><tr><th>Received (UTC)</th><th>From</th><th>To</th><th>Subject</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
    shown = f"<p>{total} in all, the newest {len(rows)} shown. Reload to see more.</p>"
    empty = "<p>Nothing has arrived yet. Whatever the dispatcher sends shows up here; nothing leaves this machine.</p>"
    return page_of("Mail that arrived", f"<h1>Mail that arrived</h1>{shown + table if rows else empty}")


def mail_page(mail: Mail) -> str:
    envelope = [
        ("Received", f"{mail.received_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("Envelope from", mail.sender or "(empty)"),
        ("Envelope to", ", ".join(mail.recipients)),
    ]
    parts = [
        '<p><a href="/">All mail</a></p>',
        f"<h1>{escaped(mail.subject) or '(no subject)'}</h1>",
        table_of(envelope),
    ]
    if mail.text is not None:
        parts += ["<h2>As text</h2>", f"<pre>{with_links(mail.text)}</pre>"]
    if mail.html is not None:
        frame = f'<iframe sandbox="" title="The mail as HTML" src="/messages/{mail.id}/html"></iframe>'
        parts += ["<h2>As HTML</h2>", "<p>Boxed: no script, no link, nothing loaded.</p>", frame]
    parts += ["<h2>Headers</h2>", table_of(mail.headers), f'<p><a href="/messages/{mail.id}/raw">As it arrived</a></p>']
    return page_of(mail.subject or "Mail", "".join(parts))


def listed(mail: Mail) -> dict[str, object]:
    """One entry of /messages.json."""
    return {
        "id": mail.id,
        "received_at": mail.received_at.isoformat(),
        "envelope_from": mail.sender,
        "envelope_to": list(mail.recipients),
        "subject": mail.subject,
        "headers": [{"name": name, "value": value} for name, value in mail.headers],
    }


class MailPage(BaseHTTPRequestHandler):
    """The pages and the JSON list. It reads only, and only for this machine's own names."""

    mailbox: Mailbox
    server_version = "zgoda-mail"

    def do_GET(self) -> None:
        if urlsplit(f"//{self.headers.get('Host', '')}").hostname not in OWN_HOSTS:
            self._answer(421, "text/plain", "This page answers on localhost only.\n")
            return
        path = unquote(urlsplit(self.path).path)
        try:
            self._show(path.strip("/").split("/"))
        except KeyError:
            self._answer(404, "text/html", page_of("Not found", '<p>No such mail. <a href="/">All mail</a></p>'))

    def _show(self, parts: list[str]) -> None:
        match parts:
            case [""]:
                mails = list(self.mailbox.mails(_LISTED))
                self._answer(200, "text/html", list_page(mails, len(self.mailbox.names())))
            case ["messages.json"]:
                self._answer(200, "application/json", json.dumps([listed(mail) for mail in self.mailbox.mails()]))
            case ["messages", name]:
                self._answer(200, "text/html", mail_page(self.mailbox.read(name)))
            case ["messages", name, "html"]:
                content = self.mailbox.read(name).html
                if content is None:
                    raise KeyError(name)
                self._answer(200, "text/html", content, policy=_MAIL_POLICY)
            case ["messages", name, "raw"]:
                self._answer(200, "text/plain", self.mailbox.read(name).message.as_string())
            case _:
                raise KeyError("/".join(parts))

    def _answer(self, status: int, kind: str, text: str, *, policy: str = PAGE_POLICY) -> None:
        body = text.encode("utf-8", "replace")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Subjects and ids of mails do not belong in a log."""


class MailSink:
    """Both servers, on loopback only."""

    def __init__(self, folder: Path, *, smtp_port: int = SMTP_PORT, page_port: int = MAIL_PAGE_PORT) -> None:
        self.mailbox = Mailbox(folder)
        self._smtp = Controller(
            SmtpSink(self.mailbox),
            hostname="127.0.0.1",
            port=smtp_port,
            data_size_limit=_LARGEST_MAIL,
            ident="Zgoda mail sink",
            # Our own host name would be looked up otherwise, which takes seconds where there is no name server.
            server_hostname="localhost",
        )
        handler = type("BoundMailPage", (MailPage,), {"mailbox": self.mailbox})
        self._page = ThreadingHTTPServer(("127.0.0.1", page_port), handler)
        self._page_thread = threading.Thread(target=self._page.serve_forever, daemon=True)

    @property
    def page_port(self) -> int:
        return int(self._page.server_address[1])

    def start(self) -> None:
        self._smtp.start()
        self._page_thread.start()

    def stop(self) -> None:
        self._smtp.stop()
        self._page.shutdown()
        self._page_thread.join()
        self._page.server_close()


def main() -> None:
    end_with_manager()
    sink = MailSink(chosen_state() / "mail")
    # Blocked before the threads begin, so that they inherit it and the signal reaches sigwait.
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    sink.start()
    signal.sigwait(signals)
    sink.stop()


if __name__ == "__main__":
    main()
