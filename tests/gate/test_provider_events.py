"""The inbox of what a provider tells, and the two acts that come out of it."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.conf import settings

from opt_in.gate import dispatch, public
from opt_in.gate import school as acts
from opt_in.gate.errors import GateBadInput, GateNotFound
from opt_in.gate.event_box import open_event, seal_event
from opt_in.gate.sealing import CannotUnseal

from .test_dispatch import school_message
from .world import Gate, Offer, Person, School, contact_row, offer_at


@pytest.fixture(autouse=True)
def empty_inbox(gate: Gate) -> None:
    gate.superuser.execute("DELETE FROM consent.provider_event")


def put(gate: Gate, name: str, sealed: bytes = b"sealed") -> bool:
    fingerprint = hashlib.sha256(name.encode()).digest()
    return public.put_provider_event(fingerprint=fingerprint, sealed=sealed, connection=gate.session("app_public"))


def waiting(gate: Gate) -> list[dispatch.ProviderEvent]:
    return dispatch.provider_events(100, connection=gate.session("app_dispatch"))


def finish(gate: Gate, event: dispatch.ProviderEvent) -> None:
    dispatch.finish_provider_event(event.event_id, connection=gate.session("app_dispatch"))


def stop(gate: Gate, person: Person, channel: str = "email") -> int:
    return dispatch.stop_by_address(channel, person.address_hash, connection=gate.session("app_dispatch"))


def suppressions(gate: Gate, school: School) -> list[tuple[str, str]]:
    return gate.superuser.execute(
        "SELECT reason, channel FROM consent.suppression WHERE school_id = %s ORDER BY 1", [school.id]
    ).fetchall()


def acts_of(gate: Gate, person: Person) -> list[str]:
    rows = gate.superuser.execute(
        "SELECT act FROM consent.consent_event WHERE subject_id = %s ORDER BY number", [person.subject]
    )
    return [act for (act,) in rows]


# -- the box


@pytest.fixture
def key_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    if not settings.configured:
        settings.configure()
    private = X25519PrivateKey.generate()
    monkeypatch.setattr(settings, "EVENT_OPENING_KEY", private.private_bytes_raw(), raising=False)
    monkeypatch.setattr(settings, "EVENT_SEALING_KEY", private.public_key().public_bytes_raw(), raising=False)


@pytest.mark.usefixtures("key_pair")
def test_what_one_half_of_the_key_seals_the_other_half_opens() -> None:
    assert open_event(seal_event(b"48501234567 STOP")) == b"48501234567 STOP"
    assert seal_event(b"the same") != seal_event(b"the same")


@pytest.mark.usefixtures("key_pair")
@pytest.mark.parametrize("place", [0, 31, 32, 40, -1])
def test_a_box_that_was_tampered_with_does_not_open(place: int) -> None:
    box = bytearray(seal_event(b"48501234567 STOP"))
    box[place] ^= 1

    with pytest.raises(CannotUnseal):
        open_event(bytes(box))


@pytest.mark.usefixtures("key_pair")
@pytest.mark.parametrize("box", [b"", b"x" * 31, b"\x00" * 100])
def test_what_is_no_box_does_not_open(box: bytes) -> None:
    with pytest.raises(CannotUnseal):
        open_event(box)


# -- the inbox


def test_an_event_waits_until_it_is_finished_and_its_content_goes(gate: Gate) -> None:
    assert put(gate, "a", b"first")
    assert put(gate, "b", b"second")

    first, second = waiting(gate)
    finish(gate, first)
    finish(gate, first)

    assert [first.sealed, second.sealed] == [b"first", b"second"]
    assert waiting(gate) == [second]
    row = gate.superuser.execute("SELECT count(*), count(sealed) FROM consent.provider_event").fetchone()
    assert row == (2, 1)


def test_the_same_event_counts_once_and_again_after_a_month(gate: Gate) -> None:
    put(gate, "a")
    assert put(gate, "a")
    (event,) = waiting(gate)
    finish(gate, event)
    assert put(gate, "a")
    assert waiting(gate) == []

    with gate.ahead(timedelta(days=31)):
        put(gate, "b")
        (other,) = waiting(gate)
        finish(gate, other)
        assert put(gate, "a")
        assert len(waiting(gate)) == 1


def test_a_full_inbox_takes_nothing_more(gate: Gate) -> None:
    gate.superuser.execute(
        "INSERT INTO consent.provider_event (fingerprint, sealed, received_at)"
        " SELECT sha256(n::text::bytea), 'x', now() FROM generate_series(1, 10000) n"
    )

    assert not put(gate, "one more")
    assert gate.superuser.execute("SELECT count(*) FROM consent.provider_event").fetchone() == (10_000,)


@pytest.mark.parametrize(("fingerprint", "sealed"), [(b"short", b"x"), (b"f" * 32, b""), (b"f" * 32, b"x" * 4097)])
def test_an_event_has_its_form(gate: Gate, fingerprint: bytes, sealed: bytes) -> None:
    with pytest.raises(GateBadInput):
        public.put_provider_event(fingerprint=fingerprint, sealed=sealed, connection=gate.session("app_public"))


# -- a STOP


def test_a_stop_withdraws_and_suppresses_with_a_leaf_for_each(gate: Gate, offer: Offer) -> None:
    before = len(offer.school.leaves("authority"))

    assert stop(gate, offer.guardian) == 1
    assert stop(gate, offer.guardian) == 1

    assert acts_of(gate, offer.guardian) == ["give", "withdraw"]
    assert suppressions(gate, offer.school) == [("stop", "email")]
    assert len(offer.school.leaves("authority")) == before + 2
    (decision,) = gate.claim(offer.envelope)
    assert (decision.code, decision.codes) == (
        "DENY_SUPPRESSED_STOP",
        ("DENY_SUPPRESSED_STOP", "DENY_OPT_IN_WITHDRAWN"),
    )


def test_a_stop_counts_at_each_school_where_the_address_is_known_and_nowhere_else(
    gate: Gate, school: School, other_school: School
) -> None:
    here = offer_at(school)
    there = offer_at(other_school)
    gate.superuser.execute(
        "UPDATE consent.contact SET address_hash = %s WHERE school_id = %s AND contact_id = %s",
        [here.guardian.address_hash, other_school.id, there.guardian.contact],
    )

    assert stop(gate, here.guardian) == 2

    assert acts_of(gate, here.guardian)[-1] == acts_of(gate, there.guardian)[-1] == "withdraw"
    assert suppressions(gate, school) == suppressions(gate, other_school) == [("stop", "email")]


def test_a_stop_on_one_channel_is_none_on_another(gate: Gate, offer: Offer) -> None:
    assert stop(gate, offer.guardian, "sms") == 0

    assert acts_of(gate, offer.guardian) == ["give"]
    assert gate.claim(offer.envelope)[0].verdict == "ALLOW"


def test_after_a_stop_the_school_still_writes(gate: Gate, offer: Offer) -> None:
    envelope = school_message(offer.school, offer.guardian)

    stop(gate, offer.guardian)

    assert gate.claim(envelope)[0].verdict == "ALLOW"


def test_an_address_that_nobody_has_stops_nothing(gate: Gate) -> None:
    assert dispatch.stop_by_address("sms", b"n" * 32, connection=gate.session("app_dispatch")) == 0
    with pytest.raises(GateBadInput):
        dispatch.stop_by_address("sms", b"short", connection=gate.session("app_dispatch"))


# -- reports


def report(gate: Gate, school: School, person: Person, *, delivered: bool) -> None:
    envelope = school_message(school, person)
    gate.claim(envelope)
    gate.take(envelope)
    gate.complete(envelope)
    dispatch.report_delivery(envelope, delivered=delivered, connection=gate.session("app_dispatch"))


def test_the_third_failure_in_a_row_is_a_bounce(gate: Gate, school: School) -> None:
    person = school.guardian()
    for delivered in (False, False, True, False, False):
        report(gate, school, person, delivered=delivered)
    assert suppressions(gate, school) == []

    report(gate, school, person, delivered=False)

    assert suppressions(gate, school) == [("bounce", "email")]


def test_another_address_begins_anew(gate: Gate, school: School) -> None:
    person = school.guardian()
    for _ in range(2):
        report(gate, school, person, delivered=False)
    person.version = 2
    school.put(person)

    report(gate, school, person, delivered=False)

    assert suppressions(gate, school) == []


def test_a_report_on_what_was_never_sent_is_refused(gate: Gate, offer: Offer) -> None:
    for envelope in (uuid4(), offer.envelope):
        with pytest.raises(GateNotFound):
            dispatch.report_delivery(envelope, delivered=False, connection=gate.session("app_dispatch"))


# -- what is due, by channel; the token of a text message


def test_what_is_due_can_be_asked_for_by_channel(gate: Gate, school: School) -> None:
    envelope = school_message(school, school.guardian())
    session = gate.session("app_dispatch")

    assert envelope in [one.envelope_id for one in dispatch.due(1000, channels=["email"], connection=session)]
    assert envelope not in [one.envelope_id for one in dispatch.due(1000, channels=["sms"], connection=session)]
    assert dispatch.due(1000, channels=[], connection=session) == []


def test_the_token_of_a_text_message_is_derived_from_the_shorter_one_that_it_carries(
    gate: Gate, school: School
) -> None:
    person, phone = school.guardian(), uuid4()
    row = contact_row(person) | {"contact_id": phone, "channel": "sms"}
    acts.put_contacts([row], connection=school.connection)
    envelope = school_message(school, person, channel="sms", contact_id=phone)
    gate.claim(envelope)

    (taken,) = gate.take(envelope)

    assert len(taken.token) == 32
    link = public.token_of_short_link(taken.token)
    explained = public.explain_by_token(link, connection=gate.session("app_public"))
    assert explained["envelope_id"] == str(envelope)
    with pytest.raises(GateNotFound):
        public.explain_by_token(taken.token, connection=gate.session("app_public"))
