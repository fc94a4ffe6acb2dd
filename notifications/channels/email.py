"""E-mail through Django's mail backends: SMTP, or an e-mail service through django-anymail."""

import re
import smtplib
import time
from dataclasses import dataclass, field
from email.header import Header
from email.utils import formataddr
from typing import Any
from uuid import UUID

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from notifications.channels.delivery import Delivery
from notifications.channels.smtp import SmtpBackend
from notifications.rendering import Rendered

# How long one message may occupy us. Well below the lease of a claim.
SECONDS_PER_MESSAGE = 15.0

# Enhanced status codes (RFC 3463) that say the mailbox itself does not exist or is closed. Refusals for other
# reasons (a blocked sender, a full mailbox) must not stop this person's later messages.
NO_SUCH_MAILBOX = re.compile(rb"\b5\.(1\.[0-36]|1\.10|2\.1)\b")
ENHANCED_CODE = re.compile(rb"\b[245]\.\d{1,3}\.\d{1,3}\b")
PLAIN_NO_SUCH_MAILBOX = frozenset({550, 551, 553})
# "Closing the channel": said to the connection, not about this message.
CLOSING = 421


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one person, ready to go."""

    envelope_id: UUID
    to: str
    sender_name: str
    sender_address: str
    language: str
    content: Rendered
    headers: dict[str, str] = field(default_factory=dict)


class UnusableServer(Exception):
    """Addresses, codes and texts would travel in the clear."""


class EmailChannel:
    """Raises UnusableServer."""

    def __init__(self) -> None:
        self.backend: BaseEmailBackend = get_connection(fail_silently=False)
        if isinstance(self.backend, SmtpBackend) and not self.backend.keeps_secrets:
            raise UnusableServer("ZGODA_SMTP_SECURITY must be starttls or tls: the mail server is another machine.")

    def ready(self) -> bool:
        """Whether sending can be expected to work. Asked before anything is claimed, so that nothing is wasted."""
        if isinstance(self.backend, SmtpBackend):
            return self.backend.ready(deadline=time.monotonic() + SECONDS_PER_MESSAGE)
        return True

    def close(self) -> None:
        if isinstance(self.backend, SmtpBackend):
            self.backend.drop()
        else:
            self.backend.close()

    def send(self, mail: Mail, *, deadline: float) -> Delivery:
        """Send before `deadline` (time.monotonic). Tries once more only where nothing can have been delivered."""
        message = compose(mail)
        limit = min(deadline, time.monotonic() + SECONDS_PER_MESSAGE)
        delivery = self._attempt(message, limit)
        if delivery.detail == "connection.lost" and self.ready():
            delivery = self._attempt(message, limit)
        return delivery

    def _attempt(self, message: EmailMultiAlternatives, deadline: float) -> Delivery:
        if not isinstance(self.backend, SmtpBackend):
            return self._attempt_service(message, self.backend)
        backend = self.backend
        if backend.connection is None:
            backend.ready(deadline=deadline)
        connection = backend.connection
        if connection is None or time.monotonic() >= deadline:
            return Delivery("retry", "connection.none")
        connection.deadline, connection.content_begun = deadline, False
        try:
            backend.send_messages([message])
        except ValueError:
            # Django refuses to write such a header or address; nothing has been said to the server.
            return Delivery("failed", "content.unusable")
        except smtplib.SMTPRecipientsRefused as refusal:
            code, text = next(iter(refusal.recipients.values()))
            if code == CLOSING:
                backend.drop()
                return Delivery("retry", "connection.lost")
            return judge_reply(code, text, at_recipient=True)
        except smtplib.SMTPResponseException as refusal:
            if refusal.smtp_code == CLOSING and not connection.content_begun:
                backend.drop()
                return Delivery("retry", "connection.lost")
            words = refusal.smtp_error
            return judge_reply(refusal.smtp_code, words if isinstance(words, bytes) else words.encode())
        except smtplib.SMTPNotSupportedError:
            return Delivery("failed", "server.cannot")
        except (smtplib.SMTPException, OSError):
            begun = connection.content_begun
            backend.drop()
            return Delivery("unknown", "connection.lost_in_content") if begun else Delivery("retry", "connection.lost")
        return Delivery("sent", "", str(message.extra_headers["Message-ID"]))

    def _attempt_service(self, message: EmailMultiAlternatives, backend: BaseEmailBackend) -> Delivery:
        try:
            backend.send_messages([message])
        except AnymailRecipientsRefused:
            return Delivery("bounced", "service.recipient_refused")
        except AnymailAPIError as refusal:
            status = getattr(refusal.response, "status_code", None)
            if status == 429:
                return Delivery("retry", "service.429")
            if status is not None and 400 <= status < 500:
                return Delivery("failed", f"service.{status}")
            # No answer, or an answer in the middle of work: it may have been accepted.
            return Delivery("unknown", f"service.{status or 'silent'}")
        except AnymailError:
            return Delivery("failed", "service.refused")
        provider_id = getattr(getattr(message, "anymail_status", None), "message_id", None)
        return Delivery("sent", "", str(provider_id or message.extra_headers["Message-ID"]))


def judge_reply(code: int, text: bytes, *, at_recipient: bool = False) -> Delivery:
    """What a refusal means. The reply's text is dropped: servers quote addresses in it."""
    enhanced = ENHANCED_CODE.search(text)
    detail = f"smtp.{code}" + (f".{enhanced[0].decode()}" if enhanced else "")
    if code < 500:
        return Delivery("retry", detail)
    if at_recipient and (NO_SUCH_MAILBOX.search(text) if enhanced else code in PLAIN_NO_SUCH_MAILBOX):
        return Delivery("bounced", detail)
    return Delivery("failed", detail)


class WholeLinesMessage(EmailMultiAlternatives):
    """Folds no header of its own accord: some mailboxes do not find a link that begins on a second line."""

    def message(self, **options: Any) -> Any:
        message = super().message(**options)
        message.policy = message.policy.clone(max_line_length=998)
        return message


def compose(mail: Mail) -> EmailMultiAlternatives:
    message = WholeLinesMessage(
        subject=mail.content.subject,
        body=mail.content.text,
        from_email=_named(mail.sender_name, mail.sender_address),
        to=[mail.to],
        headers={
            # The same for every attempt, so that a mailbox can see that a second copy is the first one.
            "Message-ID": f"<{mail.envelope_id}@{mail.sender_address.rpartition('@')[2]}>",
            "Content-Language": mail.language,
            **mail.headers,
        },
    )
    message.attach_alternative(mail.content.html, "text/html")
    for attachment in mail.content.attachments:
        message.attach(attachment.name, attachment.content, attachment.media_type)
    # Read by django-anymail alone: no service may follow who opens what.
    message.metadata = {"envelope": str(mail.envelope_id)}  # type: ignore[attr-defined]
    message.track_opens = message.track_clicks = False  # type: ignore[attr-defined]
    return message


def _named(name: str, address: str) -> str:
    """A long name in several words of the code of headers: none may be longer than 75 letters (RFC 2047, 2)."""
    if name.isascii():
        return formataddr((name, address))
    return f"{Header(name, 'utf-8', maxlinelen=75).encode(linesep='')} <{address}>"
