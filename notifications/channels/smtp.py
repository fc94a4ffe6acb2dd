"""Django's SMTP backend, with a limit for the whole conversation and a memory of how far it got."""

import io
import smtplib
import socket
import time
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

from notifications.channels import LOOPBACK


class _Conversation:
    """Mixed into smtplib's connections. The time-out of a socket starts anew with each byte; this limit does not."""

    sock: socket.socket | None
    file: Any
    deadline: float
    # Once the content is on its way, a broken connection no longer proves that nothing was delivered.
    content_begun: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.deadline = time.monotonic() + kwargs.get("timeout", 10)
        self.content_begun = False
        super().__init__(*args, **kwargs)

    def send(self, s: Any) -> None:
        self._keep_to_deadline()
        super().send(s)  # type: ignore[misc]

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Replies(self))
        reply: tuple[int, bytes] = super().getreply()  # type: ignore[misc]
        return reply

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.content_begun = True
        reply: tuple[int, bytes] = super().data(msg)  # type: ignore[misc]
        return reply

    def _keep_to_deadline(self) -> None:
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("The mail server took too long.")
        if self.sock is not None:
            self.sock.settimeout(remaining)


class _Replies(io.RawIOBase):
    def __init__(self, conversation: _Conversation) -> None:
        self.conversation = conversation

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.conversation._keep_to_deadline()
        if self.conversation.sock is None:
            return 0
        return self.conversation.sock.recv_into(buffer)


class Connection(_Conversation, smtplib.SMTP):
    pass


class TlsConnection(_Conversation, smtplib.SMTP_SSL):
    pass


class SmtpBackend(EmailBackend):
    connection: Connection | TlsConnection | None

    @property
    def connection_class(self) -> type[Connection] | type[TlsConnection]:
        return TlsConnection if self.use_ssl else Connection

    @property
    def keeps_secrets(self) -> bool:
        """Whether nobody on the way can read along."""
        return bool(self.use_tls or self.use_ssl or self.host in LOOPBACK)

    def ready(self, *, deadline: float) -> bool:
        """Whether a server answers now. Opens a connection, or makes sure that the open one still lives."""
        if self.connection is not None:
            self.connection.deadline = deadline
            try:
                if self.connection.noop()[0] == 250:
                    return True
            except (smtplib.SMTPException, OSError):
                pass
            self.drop()
        try:
            self.open()
            if self.connection is None:
                return False
            # Django would greet only with the first message, which is claimed by then.
            self.connection.deadline = deadline
            self.connection.ehlo_or_helo_if_needed()
            return True
        except (smtplib.SMTPException, OSError):
            self.drop()
            return False

    def drop(self) -> None:
        """Close without a farewell: a server that hangs would not answer it."""
        for connection in (self.connection, getattr(self, "_partial_connection", None)):
            if connection is not None:
                connection.close()
        self.connection = self._partial_connection = None
