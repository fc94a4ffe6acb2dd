"""A box that the public site can fill and only the dispatcher can open: a provider's events hold numbers and texts.

X25519 with a key pair of the box's own, HKDF-SHA-256, ChaCha20-Poly1305: what libsodium calls a sealed box.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from opt_in.gate.sealing import CannotUnseal

_KEY_LENGTH = 32
# Each box has a key of its own, so one number used once is the same for all.
_NONCE = bytes(12)


def seal_event(plain: bytes) -> bytes:
    """Seal for the dispatcher with settings.EVENT_SEALING_KEY (32 bytes, public)."""
    receiver = _setting("EVENT_SEALING_KEY")
    own = X25519PrivateKey.generate()
    own_public = own.public_key().public_bytes_raw()
    shared = own.exchange(X25519PublicKey.from_public_bytes(receiver))
    return own_public + ChaCha20Poly1305(_derived(shared, own_public, receiver)).encrypt(_NONCE, plain, None)


def open_event(box: bytes) -> bytes:
    """Open with settings.EVENT_OPENING_KEY (32 bytes, secret); raises CannotUnseal."""
    private = X25519PrivateKey.from_private_bytes(_setting("EVENT_OPENING_KEY"))
    sender, content = bytes(box[:_KEY_LENGTH]), bytes(box[_KEY_LENGTH:])
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(sender))
        key = _derived(shared, sender, private.public_key().public_bytes_raw())
        return ChaCha20Poly1305(key).decrypt(_NONCE, content, None)
    except (InvalidTag, ValueError) as error:
        raise CannotUnseal("This was not sealed for this process, or it was tampered with.") from error


def _derived(shared: bytes, sender: bytes, receiver: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_LENGTH, salt=None, info=b"zgoda provider event" + sender + receiver).derive(shared)


def _setting(name: str) -> bytes:
    key: bytes | None = getattr(settings, name, None)
    if not key:
        raise ImproperlyConfigured("This process holds no key for a provider's events.")
    return key
