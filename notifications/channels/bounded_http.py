"""A limit for a whole HTTP call. The time-out of a socket starts anew with each byte; this one does not."""

import contextlib
import socket
import threading
import weakref
from collections.abc import Iterator
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class BoundedAdapter(HTTPAdapter):
    """Knows its open sockets, so that a call which lasts too long can be ended from outside. No retries."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        known = self.sockets

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                known.add(self.sock)

        class Encrypted(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                known.add(self.sock)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class EncryptedPool(HTTPSConnectionPool):
            ConnectionCls = Encrypted

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Break whatever is open when this has taken longer."""
        timer = threading.Timer(seconds, self._break_off)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _break_off(self) -> None:
        for open_socket in list(self.sockets):
            with contextlib.suppress(OSError):
                # The plain one: TLS's own would take the encryption from under a read that goes on in another thread.
                socket.socket.shutdown(open_socket, socket.SHUT_RDWR)
