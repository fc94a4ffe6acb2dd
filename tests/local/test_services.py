import socket

import pytest

from local.ports import PortTaken, require_free_ports
from local.services import SERVICES, Service


def test_a_taken_port_is_named_with_who_has_it_and_what_to_do() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        with pytest.raises(
            PortTaken, match=rf"Port {port}, which the mail sink needs, is taken by .*python.* \(process"
        ):
            require_free_ports([Service("mail sink", ports=(port,))])


def test_a_free_port_is_no_matter(free_port: int) -> None:
    require_free_ports([Service("mail sink", ports=(free_port,))])


def test_the_database_and_the_broker_take_no_port() -> None:
    assert SERVICES["postgres"].ports == ()
    assert SERVICES["valkey"].ports == ()


def test_no_two_services_want_the_same_port() -> None:
    ports = [port for service in SERVICES.values() for port in service.ports]

    assert len(ports) == len(set(ports))
