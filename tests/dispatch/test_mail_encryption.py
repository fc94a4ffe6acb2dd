"""Addresses, codes and texts leave this machine encrypted or not at all."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from notifications.channels.email import EmailChannel, UnusableServer
from tests.dispatch.conftest import Dispatch
from tests.dispatch.smtp_server import Steps, free_port
from tests.dispatch.tls_server import certificate_in
from tests.dispatch.world import Person, World


@contextmanager
def strict_server(certificate: Path, security: str, steps: Steps) -> Iterator[int]:
    """Takes mail over TLS only, and only from somebody with the password."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def admit(_server: object, _session: object, _envelope: object, _way: str, given: Any) -> AuthResult:
        return AuthResult(success=given == LoginPassword(b"zgoda", b"secret"))

    port = free_port()
    is_starttls = security == "starttls"
    server = Controller(
        steps,
        hostname="127.0.0.1",
        port=port,
        ssl_context=None if is_starttls else context,
        tls_context=context if is_starttls else None,
        require_starttls=is_starttls,
        auth_required=True,
        authenticator=admit,
        auth_require_tls=is_starttls,
    )
    server.start()
    try:
        yield port
    finally:
        server.stop()


# The server's library does not see that the whole connection is encrypted.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_goes_encrypted_to_a_server_that_asks_for_it(
    world: World,
    guardian: Person,
    dispatch: Dispatch,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    security: str,
) -> None:
    certificate, steps = certificate_in(tmp_path), Steps()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = security == "starttls", security == "tls"
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "zgoda", "secret"
    world.queue_offers([guardian])

    with strict_server(certificate, security, steps) as port:
        dispatch(port=port)

    assert steps.recipients == [guardian.address]
    assert world.states() == {"sent": 1}


def test_no_offer_is_used_up_on_a_server_that_cannot_prove_who_it_is(
    world: World, guardian: Person, dispatch: Dispatch, settings: Any, tmp_path: Path
) -> None:
    steps = Steps()
    settings.EMAIL_USE_TLS = True
    world.queue_offers([guardian])

    with strict_server(certificate_in(tmp_path), "starttls", steps) as port:
        dispatch(port=port)

    assert steps.recipients == []
    assert world.states() == {"queued": 1}


def test_a_server_on_another_machine_gets_nothing_in_the_clear(settings: Any) -> None:
    settings.EMAIL_BACKEND = "notifications.channels.smtp.SmtpBackend"
    settings.EMAIL_HOST = "mail.zgoda.example"

    with pytest.raises(UnusableServer):
        EmailChannel()
