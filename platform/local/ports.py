"""Says at once, and in plain words, which port is taken and by whom."""

from collections.abc import Iterable

import psutil

from local.services import SERVICES, Service


class PortTaken(RuntimeError):
    """Somebody else listens where one of our services must."""


def require_free_ports(services: Iterable[Service] = tuple(SERVICES.values())) -> None:
    listening = {
        connection.laddr.port: connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr
    }
    for service in services:
        for port in service.ports:
            if port in listening:
                raise PortTaken(
                    f"Port {port}, which the {service.title} needs, is taken by {_name_of(listening[port])}. "
                    "Stop that program and try again."
                )


def _name_of(pid: int | None) -> str:
    if pid is None:
        return "another user's program"
    try:
        return f"{psutil.Process(pid).name()} (process {pid})"
    except psutil.Error:
        return f"process {pid}"
