"""What a provider of text messages may tell the public site, and what the site makes of it: nothing, sealed."""

import base64
import hashlib

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from opt_in.gate import dispatch as gate
from opt_in.gate.event_box import open_event
from tests.dispatch.world import Person, World
from tests.public.test_links import facts

NUMBER = "48501234567"


def report_url(secret: str | None = None) -> str:
    return f"/sms/report/{secret or settings.SMS_CALLBACK_SECRET}"


def inbound_url(secret: str | None = None) -> str:
    return f"/sms/inbound/{secret or settings.SMS_CALLBACK_SECRET}"


def reply(text: str = "STOP", **changes: str) -> dict[str, str]:
    return {
        "sms_to": "48500000000",
        "sms_from": NUMBER,
        "sms_text": text,
        "sms_date": "1795305600",
        "username": "zgoda",
        "MsgId": "5ADEF4DC3738305BEED02B0C",
    } | changes


def waiting(world: World) -> int:
    return int(world.stored("SELECT count(*) FROM consent.provider_event WHERE handled_at IS NULL")[0][0])


@pytest.fixture(autouse=True)
def empty_inbox(world: World) -> None:
    world.stored("DELETE FROM consent.provider_event")


def test_a_reply_is_kept_for_the_dispatcher_and_answered_with_ok(client: Client, world: World) -> None:
    answer = client.post(inbound_url(), reply())

    assert (answer.status_code, answer.content) == (200, b"OK")
    assert waiting(world) == 1


def test_what_is_kept_holds_neither_number_nor_text_in_the_clear(client: Client, world: World) -> None:
    client.post(inbound_url(), reply("Zakrajšek"))

    ((sealed, row),) = world.stored("SELECT sealed, e::text FROM consent.provider_event e")
    for plain in (NUMBER, "Zakraj", "501234567"):
        assert plain.encode() not in bytes(sealed)
        assert plain not in row
        assert plain.encode().hex() not in row
    plain_hashes = [hashlib.sha256(part.encode()).hexdigest() for part in (NUMBER, f"{NUMBER}STOP", f"+{NUMBER}")]
    assert not any(digest in row for digest in plain_hashes)


def test_the_site_itself_cannot_open_what_it_has_sealed(client: Client, world: World) -> None:
    client.post(inbound_url(), reply())
    ((sealed,),) = world.stored("SELECT sealed FROM consent.provider_event")

    assert not hasattr(settings, "CONTACT_KEYS")
    assert not hasattr(settings, "ADDRESS_HASH_KEY")
    with pytest.raises(ImproperlyConfigured):
        open_event(sealed)


def test_the_same_call_twice_is_one_event_also_after_it_was_handled(client: Client, world: World) -> None:
    client.post(inbound_url(), reply())
    client.post(inbound_url(), reply())
    assert waiting(world) == 1

    with world.login("app_dispatch") as login:
        (event,) = gate.provider_events(10, connection=login)
        gate.finish_provider_event(event.event_id, connection=login)
    answer = client.post(inbound_url(), reply())

    assert answer.status_code == 200
    assert waiting(world) == 0


def test_a_second_stop_of_another_day_is_another_event(client: Client, world: World) -> None:
    client.post(inbound_url(), reply())
    client.post(inbound_url(), reply(MsgId="ANOTHER"))

    assert waiting(world) == 2


def test_reports_come_one_by_one_or_several_in_one_call(client: Client, world: World) -> None:
    answer = client.post(report_url(), {"MsgId": "1,2,3", "status": "404,405,403", "idx": "a,b,c", "donedate": "1,1,1"})

    assert (answer.status_code, answer.content) == (200, b"OK")
    assert waiting(world) == 3


@pytest.mark.parametrize("secret", ["wrong", "0" * 64, "%00", "é"])
@pytest.mark.parametrize("url", [report_url, inbound_url])
def test_who_does_not_know_the_secret_is_told_nothing(client: Client, world: World, url: object, secret: str) -> None:
    answer = client.post(url(secret), reply())  # type: ignore[operator]

    assert answer.status_code == 404
    assert waiting(world) == 0


@pytest.mark.parametrize("url", [report_url, inbound_url])
def test_reading_keeps_nothing(client: Client, world: World, url: object) -> None:
    answer = client.get(url(), reply())  # type: ignore[operator]

    assert answer.status_code == 405
    assert waiting(world) == 0


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"sms_from": NUMBER},
        {"sms_text": "STOP"},
        {"idx": "", "status": "404"},
        {"idx": "a" * 65, "status": "404"},
        {"idx": "a", "status": ""},
        {"idx": ",,,", "status": ",,,"},
    ],
)
def test_a_call_that_says_nothing_of_use_is_answered_and_forgotten(
    client: Client, world: World, form: dict[str, str]
) -> None:
    for url in (report_url(), inbound_url()):
        assert client.post(url, form).status_code == 200

    assert waiting(world) == 0


@pytest.mark.parametrize("text", ["\x00", "STOP\x00", "\ud83d", "😀" * 400, "ї" * 5000, "<script>"])
def test_odd_letters_do_no_harm(client: Client, world: World, text: str) -> None:
    body = "sms_from=48501234567&sms_text=" + "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))

    answer = client.post(inbound_url(), body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code in (200, 413)


def test_a_call_that_is_too_large_is_refused(client: Client, world: World) -> None:
    assert client.post(inbound_url(), reply("a" * 20_000)).status_code == 413
    assert waiting(world) == 0


def test_a_full_inbox_asks_the_provider_to_come_again(client: Client, world: World) -> None:
    world.stored(
        "INSERT INTO consent.provider_event (fingerprint, sealed, received_at)"
        " SELECT sha256(n::text::bytea), 'x', now() FROM generate_series(1, 10000) n"
    )

    assert client.post(inbound_url(), reply()).status_code == 503


def test_the_short_link_of_a_text_message_leads_to_why_it_came_and_changes_nothing(
    client: Client, world: World
) -> None:
    parent = world.add_person(f"+48501{int(world.school_id) % 1_000_000:06d}")
    world.queue_offers([parent])
    short = send_by_sms(world, parent)
    before = facts(world)

    answer = client.get(f"/s/{short}", follow=True)

    assert answer.status_code == 200
    assert "SP Brzozowa" in answer.content.decode()
    assert facts(world) == before
    assert client.get(f"/s/{short}")["Referrer-Policy"] == "no-referrer"
    altered = short[:-1] + chr(ord(short[-1]) + 1)
    assert client.get(f"/s/{altered}", follow=True).status_code == 404


@pytest.mark.parametrize("short", ["A" * 22, "_" * 22, "-" * 22])
def test_a_guessed_short_link_finds_nothing(client: Client, world: World, short: str) -> None:
    assert client.get(f"/s/{short}", follow=True).status_code == 404


@pytest.mark.parametrize("short", ["A" * 21, "A" * 23, "+" * 22, "%00" * 22])
def test_what_has_not_the_form_of_a_short_link_is_none(client: Client, world: World, short: str) -> None:
    assert client.get(f"/s/{short}").status_code == 404


def send_by_sms(world: World, person: Person) -> str:
    """Send this person's one message, as the dispatcher does; returns what stands in its link."""
    ((envelope,),) = world.stored(
        "SELECT envelope_id FROM consent.envelope WHERE state = 'queued' AND subject_id = %s", person.id
    )
    with world.login("app_dispatch") as login:
        gate.claim([envelope], connection=login)
        (taken,) = gate.take([envelope], connection=login)
        gate.complete(envelope, "sent", connection=login)
    return base64.urlsafe_b64encode(bytes.fromhex(taken.token)).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"sms_from": "48501234567", "sms_text": "STOP"}', "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"sms_from=48501234567", "multipart/form-data"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"sms_from=%00&sms_text=%00&sms_date=%00", "application/x-www-form-urlencoded"),
        (b"&".join(b"x=1" for _ in range(1100)), "application/x-www-form-urlencoded"),
        (b"sms_from=48501234567&sms_text=STOP", "application/x-www-form-urlencoded; charset=no-such"),
    ],
)
def test_a_body_of_another_kind_is_no_error_of_ours(
    client: Client, world: World, body: bytes, content_type: str
) -> None:
    client.raise_request_exception = False

    for url in (inbound_url(), report_url()):
        assert client.generic("POST", url, body, content_type=content_type).status_code < 500
