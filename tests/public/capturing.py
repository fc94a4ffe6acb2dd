"""A transport that keeps what would have left the process, exactly as it would have been sent."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from config import observability
from config.error_reports import send_error_reports


class CapturingTransport(Transport):
    sent: list[str] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        content = io.BytesIO()
        envelope.serialize_into(content)
        self.sent.append(content.getvalue().decode())


@contextmanager
def captured_reports(process: str) -> Iterator[list[str]]:
    """Error reports as they leave, while a process with a DSN runs inside."""
    CapturingTransport.sent = []
    observability.configure(process=process)
    send_error_reports(dsn="https://key@errors.example/1", transport=CapturingTransport)
    try:
        yield CapturingTransport.sent
    finally:
        sentry_sdk.get_global_scope().set_client(None)
