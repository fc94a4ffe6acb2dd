"""The folder of text messages that the gateway accepted: one .json file each, newest last by name."""

import itertools
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Message:
    """One accepted message. `number` has the country's code and no plus, as the provider writes it."""

    id: str
    number: str
    sender: str
    text: str
    idx: str

    @property
    def received_at(self) -> datetime:
        return datetime.fromtimestamp(int(self.id.partition("-")[0]) / 1e9, tz=UTC)


class SmsBox:
    """Stores messages so that a crash leaves whole ones or none, and knows which indexes it has seen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sequence = itertools.count()
        self._lock = threading.Lock()
        self._indexes = {message.idx for message in self.messages() if message.idx}

    def store(self, *, number: str, sender: str, text: str, idx: str, check_idx: bool) -> Message | None:
        """Keep a message; None where its index was used before and `check_idx` asks for that."""
        with self._lock:
            if check_idx and idx and idx in self._indexes:
                return None
            name = f"{time.time_ns():020d}-{os.getpid()}-{next(self._sequence):06d}"
            message = Message(name, number, sender, text, idx)
            unfinished = self.folder / f"{name}.part"
            unfinished.write_text(json.dumps(asdict(message), ensure_ascii=False), encoding="utf-8")
            unfinished.rename(self.folder / f"{name}.json")
            self._indexes.add(idx)
        return message

    def names(self) -> list[str]:
        """Newest first."""
        return sorted((path.stem for path in self.folder.glob("*.json")), reverse=True)

    def messages(self, limit: int | None = None) -> Iterator[Message]:
        """Newest first."""
        for name in self.names()[:limit]:
            yield self.read(name)

    def read(self, name: str) -> Message:
        """Raises KeyError where there is no such message."""
        path = self.folder / f"{name}.json"
        if path.parent != self.folder or not path.is_file():
            raise KeyError(name)
        return Message(**json.loads(path.read_text(encoding="utf-8")))
