"""The folder of mails that arrived at the sink: one .eml file each, newest last by name."""

import itertools
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

_ENVELOPE_FROM = "Return-Path"
_ENVELOPE_TO = "Delivered-To"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it arrived, together with the addresses that the SMTP client named."""

    id: str
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message.get("Subject", ""))

    @property
    def headers(self) -> list[tuple[str, str]]:
        envelope = {_ENVELOPE_FROM.lower(), _ENVELOPE_TO.lower()}
        return [(name, str(value)) for name, value in self.message.items() if name.lower() not in envelope]

    @property
    def text(self) -> str | None:
        return self._body("plain")

    @property
    def html(self) -> str | None:
        return self._body("html")

    def _body(self, kind: str) -> str | None:
        part = self.message.get_body(preferencelist=(kind,))
        return None if part is None else str(part.get_content())


class Mailbox:
    """Stores mails so that a crash leaves whole mails or none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sequence = itertools.count()

    def store(self, sender: str, recipients: list[str], content: bytes) -> str:
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(self._sequence):06d}"
        envelope = f"{_ENVELOPE_FROM}: <{sender}>\r\n" + "".join(f"{_ENVELOPE_TO}: <{to}>\r\n" for to in recipients)
        unfinished = self.folder / f"{name}.part"
        unfinished.write_bytes(envelope.encode("utf-8", "surrogateescape") + content)
        unfinished.rename(self.folder / f"{name}.eml")
        return name

    def names(self) -> list[str]:
        """Newest first."""
        return sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)

    def mails(self, limit: int | None = None) -> Iterator[Mail]:
        """Newest first."""
        for name in self.names()[:limit]:
            yield self.read(name)

    def read(self, name: str) -> Mail:
        """Raises KeyError where there is no such mail."""
        path = self.folder / f"{name}.eml"
        if path.parent != self.folder or not path.is_file():
            raise KeyError(name)
        message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        return Mail(
            id=name,
            received_at=datetime.fromtimestamp(int(name.partition("-")[0]) / 1e9, tz=UTC),
            sender=str(message.get(_ENVELOPE_FROM, "")).strip("<>"),
            recipients=tuple(str(value).strip("<>") for value in message.get_all(_ENVELOPE_TO, [])),
            message=message,
        )
