"""An offer by text message from the first yes to the STOP, through the real dispatcher, gateway and public site."""

import http.client
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings

from local.environment import environment_for
from local.places import ROOT
from local.run import command_of
from local.sms_gateway import SmsGateway
from tests.dispatch.conftest import Dispatch
from tests.dispatch.smtp_server import free_port
from tests.dispatch.world import BY_SMS, World

TIMEOUT = 30


@pytest.fixture
def site(world: World) -> Iterator[int]:
    """The public site as a process of its own, with its own login and keys; returns its port."""
    port = free_port()
    environment = environment_for("public", world.cluster.state) | {
        "ZGODA_DB_NAME": world.database,
        "ZGODA_PUBLIC_URL": f"http://localhost:{port}",
    }
    serve = f"python -m granian --interface wsgi --host 127.0.0.1 --port {port} config.wsgi:application"
    process = subprocess.Popen(command_of(serve.split()), cwd=ROOT, env=environment)
    try:
        wait_until(lambda: answers(port))
        yield port
    finally:
        process.terminate()
        process.wait(TIMEOUT)


@pytest.fixture
def gateway(tmp_path: Path, site: int) -> Iterator[SmsGateway]:
    inbound = f"http://127.0.0.1:{site}/sms/inbound/{settings.SMS_CALLBACK_SECRET}"
    running = SmsGateway(tmp_path / "sms", token=settings.SMS_TOKEN, inbound=inbound, port=0)
    running.start()
    yield running
    running.stop()


def wait_until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + TIMEOUT
    while not holds():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def answers(port: int) -> bool:
    try:
        return call(port, "GET", "/health")[0] == 200
    except OSError:
        return False


def call(port: int, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Status, body, and where a redirect leads."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)) as connection:
        connection.request(method, path, urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers.get("Location", "")


def events(world: World, state: str) -> int:
    return int(world.stored(f"SELECT count(*) FROM consent.provider_event WHERE handled_at IS {state}")[0][0])


def test_two_yeses_bring_an_offer_by_sms_and_one_stop_ends_them(
    world: World, site: int, gateway: SmsGateway, dispatch: Dispatch
) -> None:
    public_url, gateway_port = f"http://localhost:{site}", int(gateway.url.rpartition(":")[2])
    parent = world.add_person("+48501234567", language="pl")
    campaign = world.queue_offers([parent])

    dispatch(public_url=public_url)

    (message,) = gateway.box.messages()
    assert message.sender == "ZgodaOffers"
    assert message.text.startswith("Od dostawcy ZgodaOffers: Pakiet Plus")
    assert "SMS STOP na +48500000000" in message.text

    # the provider reports that it arrived
    wait_until(lambda: events(world, "NULL") == 1)
    dispatch(public_url=public_url)
    assert world.stored("SELECT delivered FROM consent.delivery_report") == [(True,)]

    # the link says why
    (short,) = re.findall(r"/s/[\w-]{22}$", message.text)
    status, _, target = call(site, "GET", short)
    assert status == 302
    status, page, _ = call(site, "GET", target)
    assert status == 200
    assert "SP Brzozowa" in page

    # the phone answers
    assert call(gateway_port, "POST", f"/messages/{message.id}/reply", {"text": "stop."})[0] == 200
    wait_until(lambda: events(world, "NULL") == 1)
    dispatch(public_url=public_url)
    assert world.stored("SELECT act, capture FROM consent.consent_event ORDER BY number") == [
        ("give", "portal"),
        ("withdraw", "sms_reply"),
    ]

    # the next offer reaches nobody, and says why not; the school still does
    following = world.queue_campaign(BY_SMS)
    world.queue_message(parent)
    dispatch(public_url=public_url)
    assert world.stored("SELECT state, code FROM consent.envelope WHERE campaign_id = %s", following) == [
        ("suppressed", "DENY_SUPPRESSED_STOP")
    ]
    assert world.stored("SELECT state FROM consent.envelope WHERE campaign_id = %s", campaign) == [("sent",)]
    assert [one.sender for one in gateway.box.messages()] == ["Zgoda", "ZgodaOffers"]
