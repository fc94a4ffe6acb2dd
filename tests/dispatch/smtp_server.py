"""A real SMTP server that does what a test asks: accept, refuse, wait, hang up, at a chosen step."""

import asyncio
import email
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

# What a step answers: a reply, or None to go on as usual.
Answer = Callable[[], str | None]


class Steps:
    """Keeps what arrived. `at` maps a step (noop, mail, rcpt, data) to what happens there."""

    def __init__(self) -> None:
        self.at: dict[str, Answer] = {}
        self.accepted: list[tuple[str, EmailMessage]] = []
        self.reached: dict[str, int] = {}
        self.delay = 0.0

    async def step(self, name: str) -> str | None:
        self.reached[name] = self.reached.get(name, 0) + 1
        if self.delay:
            await asyncio.sleep(self.delay)
        answer = self.at.get(name)
        # In a thread, so that a step may wait as long as it likes while the server goes on living.
        return await asyncio.to_thread(answer) if answer else None

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        if (answer := await self.step("ehlo")) is not None:
            return [answer]
        return responses

    async def handle_NOOP(self, server: SMTP, session: Session, envelope: Envelope, arg: str) -> str:  # noqa: N802
        return await self.step("noop") or "250 OK"

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (answer := await self.step("mail")) is not None:
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (answer := await self.step("rcpt")) is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        before = await self.step("data")
        if before is not None and not before.startswith("250"):
            return before
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=default)
        assert isinstance(message, EmailMessage)
        self.accepted.append((envelope.rcpt_tos[0], message))
        await self.step("accepted")
        return before or "250 2.0.0 kept"

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _message in self.accepted]

    def to(self, address: str) -> EmailMessage:
        """The one message that this address got."""
        (message,) = (message for recipient, message in self.accepted if recipient == address)
        return message


def part(message: EmailMessage, kind: str) -> str:
    """The text of the part "plain" or "html", with plain line ends."""
    body = message.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


class MailServer(Controller):
    """aiosmtpd in a thread on a free port."""

    def __init__(self, steps: Steps, port: int) -> None:
        super().__init__(steps, hostname="127.0.0.1", port=port)
        self.steps = steps


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server(port: int | None = None, steps: Steps | None = None) -> Iterator[MailServer]:
    server = MailServer(steps or Steps(), port or free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


@contextmanager
def dripping_server(seconds_between_bytes: float) -> Iterator[int]:
    """Greets one letter at a time, so that no single wait is ever long."""
    stop = threading.Event()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.1)

        def serve() -> None:
            while not stop.is_set():
                try:
                    peer, _address = listener.accept()
                except TimeoutError:
                    continue
                with peer:
                    try:
                        while not stop.wait(seconds_between_bytes):
                            peer.send(b"2")
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            stop.set()
            thread.join()
