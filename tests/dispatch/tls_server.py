"""A gateway over TLS that takes a request and then forgets how TLS goes on."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate_in(folder: Path) -> Path:
    """Of 127.0.0.1, signed by itself, with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "gateway.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@contextlib.contextmanager
def forgetful_server(certificate: Path, requests: list[bytes]) -> Iterator[int]:
    """Keeps each request, answers in the clear. Yields its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    plain, _address = listening.accept()
                    answer_in_the_clear(plain)

        def answer_in_the_clear(plain: socket.socket) -> None:
            with plain, contextlib.suppress(OSError):
                plain.settimeout(5)
                # A copy of the socket stays without TLS.
                with plain.dup() as copy, context.wrap_socket(plain, server_side=True) as secret:
                    request = secret.recv(65536)
                    while request.endswith(b"\r\n\r\n"):
                        request += secret.recv(65536)
                    requests.append(request)
                    copy.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield int(listening.getsockname()[1])
