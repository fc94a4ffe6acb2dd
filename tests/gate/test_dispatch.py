"""What the dispatcher gets, once, and what becomes of a message."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from psycopg import sql

from opt_in.gate import dispatch, keeper
from opt_in.gate import school as acts
from opt_in.gate.errors import GateBadInput, GateConflict, GateNotFound, GateRefused

from .world import Connection, Gate, Offer, Person, School, offer_at

PARAMS = b"sealed parameters"


def school_message(school: School, to: Person, **changes: object) -> UUID:
    message: dict[str, object] = {
        "kind": "school.message",
        "subject": to.subject,
        "channel": "email",
        "params": PARAMS,
        "content_sha256": hashlib.sha256(PARAMS).digest(),
    } | changes
    return acts.enqueue(connection=school.connection, **message)  # type: ignore[arg-type]


def test_parameters_and_address_leave_once(gate: Gate, school: School) -> None:
    envelope = school_message(school, school.guardian())
    gate.claim(envelope)

    (taken,) = gate.take(envelope)
    again = gate.take(envelope)

    assert (taken.params, taken.params_sealed, taken.address) == (PARAMS, True, b"sealed address")
    assert (taken.origin, taken.sender_name, taken.school_names) == ("school", school.name, {"pl": school.name})
    assert again == []


def test_nothing_is_taken_without_a_claim(gate: Gate, offer: Offer) -> None:
    assert gate.take(offer.envelope) == []
    assert gate.state_of(offer.envelope) == ("queued", None)


def test_only_the_hash_of_a_token_stays(gate: Gate, offer: Offer) -> None:
    gate.claim(offer.envelope)

    (taken,) = gate.take(offer.envelope)

    row = gate.superuser.execute(
        "SELECT token_sha256, strpos(e::text, %s) FROM consent.envelope e WHERE envelope_id = %s",
        [taken.token, offer.envelope],
    ).fetchone()
    assert row == (hashlib.sha256(taken.token.encode()).digest(), 0)
    assert len(taken.token) == 64


def test_an_offer_is_claimed_once_whoever_asks_twice(gate: Gate, offer: Offer) -> None:
    first = gate.claim(offer.envelope)
    second = gate.claim(offer.envelope)

    assert [decision.verdict for decision in first] == ["ALLOW"]
    assert second == []


def test_two_copies_in_one_batch_reach_the_guardian_once(gate: Gate, offer: Offer) -> None:
    copy = uuid4()
    gate.superuser.execute(
        "INSERT INTO consent.envelope SELECT (jsonb_populate_record(e, jsonb_build_object('envelope_id', %s::text))).* "
        "FROM consent.envelope e WHERE envelope_id = %s",
        [str(copy), offer.envelope],
    )

    decisions = gate.claim(offer.envelope, copy)

    assert sorted((decision.verdict, decision.code) for decision in decisions) == [
        ("ALLOW", None),
        ("DENY", "DENY_DUPLICATE"),
    ]


def test_an_offer_whose_dispatcher_died_is_unknown_for_ever(gate: Gate, offer: Offer) -> None:
    gate.claim(offer.envelope)
    gate.take(offer.envelope)

    with gate.ahead(timedelta(seconds=31)):
        keeper.sweep(connection=gate.session("app_keeper"))

    assert gate.state_of(offer.envelope) == ("unknown", None)
    assert gate.claim(offer.envelope) == []
    assert offer.school.expand(offer.campaign).queued == 0
    with pytest.raises(GateConflict, match="unknown"):
        gate.complete(offer.envelope)


def test_a_schools_message_whose_dispatcher_died_is_tried_again(gate: Gate, school: School) -> None:
    envelope = school_message(school, school.guardian())
    gate.claim(envelope)
    gate.take(envelope)

    with gate.ahead(timedelta(seconds=31)):
        keeper.sweep(connection=gate.session("app_keeper"))

    assert gate.state_of(envelope) == ("queued", None)
    with gate.ahead(timedelta(minutes=2)):
        (decision,) = gate.claim(envelope)
        (taken,) = gate.take(envelope)
    assert (decision.verdict, taken.attempt, taken.params) == ("ALLOW", 2, PARAMS)


def test_an_offer_that_could_not_be_sent_is_not_sent_later(gate: Gate, offer: Offer) -> None:
    gate.claim(offer.envelope)
    gate.take(offer.envelope)

    became = gate.complete(offer.envelope, "retry")

    assert became == "failed"
    assert gate.state_of(offer.envelope) == ("failed", None)
    assert offer.school.expand(offer.campaign).queued == 0


def test_a_schools_message_is_tried_eight_times(gate: Gate, school: School) -> None:
    envelope = school_message(school, school.guardian())

    became = []
    for attempt in range(8):
        with gate.ahead(timedelta(hours=attempt)):
            gate.claim(envelope)
            gate.take(envelope)
            became.append(gate.complete(envelope, "retry"))

    assert became == ["retry"] * 7 + ["failed"]
    assert gate.claim(envelope) == []


def test_parameters_are_erased_when_a_message_ends(gate: Gate, school: School) -> None:
    envelope = school_message(school, school.guardian())
    gate.claim(envelope)
    gate.take(envelope)

    gate.complete(envelope, "sent")

    row = gate.superuser.execute("SELECT params FROM consent.envelope WHERE envelope_id = %s", [envelope]).fetchone()
    assert row == (None,)


def test_a_bounce_stops_the_schools_messages_too(gate: Gate, school: School) -> None:
    guardian = school.guardian()
    first, second = school_message(school, guardian), school_message(school, guardian)
    gate.claim(first)
    gate.take(first)

    gate.complete(first, "bounced")

    (decision,) = gate.claim(second)
    assert decision.code == "DENY_SUPPRESSED_BOUNCE"


def test_a_complaint_stops_offers_and_not_the_schools_messages(gate: Gate, school: School) -> None:
    offer = offer_at(school)
    gate.claim(offer.envelope)
    gate.take(offer.envelope)
    gate.complete(offer.envelope)

    dispatch.report_feedback(offer.envelope, "complaint", connection=gate.session("app_dispatch"))

    second = gate.propose(school)
    school.approve(second)
    school.expand(second)
    notice = school_message(school, offer.guardian)
    assert [(count.state, count.code) for count in acts.counts(second, connection=school.connection)] == [
        ("suppressed", "DENY_SUPPRESSED_COMPLAINT")
    ]
    assert [decision.verdict for decision in gate.claim(notice)] == ["ALLOW"]


def test_an_address_that_changed_after_the_claim_gets_nothing(gate: Gate, offer: Offer) -> None:
    gate.claim(offer.envelope)
    offer.guardian.version = 2
    offer.school.put(offer.guardian)

    taken = gate.take(offer.envelope)

    assert taken == []
    assert gate.state_of(offer.envelope)[0] == "failed"


def test_the_same_key_queues_one_message(gate: Gate, school: School) -> None:
    guardian = school.guardian()

    first = school_message(school, guardian, dedupe_key="invitation 7")
    second = school_message(school, guardian, dedupe_key="invitation 7")

    assert first == second


@pytest.mark.parametrize("together", [True, False], ids=["in one claim", "one after the other"])
@pytest.mark.parametrize("kind", ["school.message", "contact.code"])
def test_of_two_with_one_key_that_were_queued_at_the_same_moment_one_goes_out(
    gate: Gate, school: School, kind: str, together: bool
) -> None:
    guardian = school.guardian()
    twins = []
    with gate.fresh("app_school") as another:
        another.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(f"school_{school.id.hex}")))
        with another.transaction():
            twins.append(coded(another, guardian, kind))
            # the other session cannot see the first one yet
            twins.append(coded(school.connection, guardian, kind))

    decisions = gate.claim(*twins) if together else [gate.claim(one)[0] for one in twins]

    assert sorted(decision.code or "ALLOW" for decision in decisions) == ["ALLOW", "DENY_DUPLICATE"]


def coded(connection: Connection, to: Person, kind: str) -> UUID:
    return acts.enqueue(
        kind=kind,
        subject=to.subject,
        channel="email",
        contact_id=to.contact,
        params=PARAMS,
        content_sha256=hashlib.sha256(PARAMS).digest(),
        dedupe_key="the same key",
        connection=connection,
    )


def test_what_is_due_is_urgent_first_and_never_shared_between_shards(gate: Gate, school: School) -> None:
    guardian = school.guardian()
    offer = offer_at(school, [guardian])
    code = school_message(school, guardian, kind="contact.code", contact_id=guardian.contact)

    session = gate.session("app_dispatch")
    due = [item.envelope_id for item in dispatch.due(1000, connection=session)]
    shards = [{item.envelope_id for item in dispatch.due(1000, shard, 3, connection=session)} for shard in range(3)]

    assert due.index(code) < due.index(offer.envelope)
    assert set().union(*shards) == set(due)
    assert sum(len(shard) for shard in shards) == len(due)


def test_a_code_waits_behind_no_crowd(gate: Gate, school: School) -> None:
    guardian = school.guardian()
    for _ in range(20):
        school_message(school, guardian)
    code = school_message(school, guardian, kind="contact.code", contact_id=guardian.contact)

    first = {item.envelope_id for item in dispatch.due(10, connection=gate.session("app_dispatch"))}

    assert code in first
    assert len(first) == 10


def test_a_held_offer_waits_without_a_decision(gate: Gate, school: School) -> None:
    begin = datetime.now(UTC) + timedelta(days=60)
    offer = offer_at(school, not_before=begin.isoformat(), expires_at=(begin + timedelta(days=30)).isoformat())
    leaves = school.leaves("dispatch")

    (held,) = gate.claim(offer.envelope)

    assert (held.verdict, held.code, held.seq) == ("HOLD", "HOLD_NOT_BEFORE", None)
    assert gate.state_of(offer.envelope) == ("queued", "HOLD_NOT_BEFORE")
    assert school.leaves("dispatch") == leaves


def test_a_claim_is_small(gate: Gate) -> None:
    with pytest.raises(GateBadInput, match="100"):
        gate.claim(*[uuid4() for _ in range(101)])


def test_completing_what_nobody_claimed_is_a_mistake(gate: Gate, offer: Offer) -> None:
    with pytest.raises(GateConflict):
        gate.complete(offer.envelope)
    with pytest.raises(GateNotFound):
        gate.complete(uuid4())

    assert gate.state_of(offer.envelope) == ("queued", None)


def test_a_campaign_is_no_kind_that_a_school_could_enqueue(gate: Gate, school: School) -> None:
    guardian = school.guardian()

    with pytest.raises(GateRefused):
        school_message(school, guardian, kind="vendor.campaign")

    assert acts.envelopes(connection=school.connection) == []
