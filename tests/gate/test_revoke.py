"""Revoking and withdrawing act at once, against dispatchers that are claiming at that moment."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import psycopg
import pytest

from opt_in.gate import dispatch, keeper, public
from opt_in.gate import school as acts
from opt_in.gate.errors import GateConflict, GateRefused

from .world import PURPOSE, Gate, Offer, School, offer_at, register_school

GUARDIANS = 400
DISPATCHERS = 3


class Dispatcher(threading.Thread):
    """Claims whatever is queued, in small batches, until there is nothing left or it is told to stop."""

    def __init__(self, gate: Gate, envelopes: list[UUID], batch: int) -> None:
        super().__init__()
        self.gate = gate
        self.batches = [envelopes[start : start + batch] for start in range(0, len(envelopes), batch)]
        self.decisions: list[tuple[datetime, datetime, str, str | None]] = []

    def run(self) -> None:
        with self.gate.fresh("app_dispatch") as connection:
            for batch in self.batches:
                began = connection.execute("SELECT clock_timestamp()").fetchone()
                assert began
                for decision in dispatch.claim(batch, connection=connection):
                    self.decisions.append((began[0], decision.decided_at, decision.verdict, decision.code))


def race(gate: Gate, school: School, batch: int, stop: Callable[[], object]) -> tuple[datetime, list[Dispatcher]]:
    """Three dispatchers claim while somebody says stop; returns when stop had returned, and what they decided."""
    offer = offer_at(school, [school.guardian() for _ in range(GUARDIANS)])
    envelopes = school.envelopes_of(offer.campaign)
    assert len(envelopes) == GUARDIANS
    dispatchers = [Dispatcher(gate, envelopes[part::DISPATCHERS], batch) for part in range(DISPATCHERS)]
    for dispatcher in dispatchers:
        dispatcher.start()
    while sum(len(dispatcher.decisions) for dispatcher in dispatchers) < GUARDIANS / 8:
        time.sleep(0.001)
    stop()
    row = gate.superuser.execute("SELECT clock_timestamp()").fetchone()
    assert row
    for dispatcher in dispatchers:
        dispatcher.join()
    return row[0], dispatchers


@pytest.mark.parametrize("batch", [1, 20])
def test_no_claim_that_begins_after_a_revocation_returned_is_allowed(batch: int, gate: Gate, school: School) -> None:
    revoked: list[tuple[datetime, int]] = []

    returned_at, dispatchers = race(gate, school, batch, lambda: revoked.append(school.revoke()))

    decisions = [decision for dispatcher in dispatchers for decision in dispatcher.decisions]
    ((effective_at, handed_over),) = revoked
    allowed = [decision for decision in decisions if decision[2] == "ALLOW"]
    refused = [decision for decision in decisions if decision[2] == "DENY"]
    assert len(decisions) == GUARDIANS
    assert len(allowed) > 0
    assert len(refused) > 0, "the race was over before the revocation: it proves nothing"
    assert all(began < returned_at and decided < effective_at for began, decided, _, _ in allowed)
    assert {code for *_, code in refused} == {"DENY_SCHOOL_REVOKED"}
    assert handed_over == len(allowed)


def test_no_claim_after_an_objection_is_allowed_at_another_school_either(gate: Gate, offer: Offer) -> None:
    elsewhere = register_school(gate)
    same_mailbox = elsewhere.guardian()
    same_mailbox.subject, same_mailbox.roles = offer.guardian.subject, ["guardian"]
    same_mailbox.contact = offer.guardian.contact
    elsewhere.put(same_mailbox)
    there = offer_at(elsewhere, [same_mailbox])

    acts.object_to_vendor(
        actor=offer.guardian.subject, subject=offer.guardian.subject, connection=offer.school.connection
    )

    assert [decision.code for decision in gate.claim(there.envelope)] == ["DENY_SUPPRESSED_OBJECTION"]


def test_one_schools_revocation_changes_nothing_at_another(gate: Gate, offer: Offer, other_school: School) -> None:
    there = offer_at(other_school)

    offer.school.revoke()

    assert [decision.verdict for decision in gate.claim(there.envelope)] == ["ALLOW"]
    assert [decision.verdict for decision in gate.claim(offer.envelope)] == ["DENY"]


def test_the_sweeper_cancels_what_waits_after_a_revocation(gate: Gate, offer: Offer) -> None:
    offer.school.revoke()

    swept = keeper.sweep(connection=gate.session("app_keeper"))

    assert swept.cancelled >= 1
    assert gate.state_of(offer.envelope) == ("cancelled", "DENY_SCHOOL_REVOKED")
    assert gate.claim(offer.envelope) == []


def test_the_sweeper_cancels_what_waits_after_a_withdrawal(gate: Gate, offer: Offer) -> None:
    acts.withdraw_consent(
        actor=offer.guardian.subject,
        subject=offer.guardian.subject,
        purpose=PURPOSE,
        channel="email",
        connection=offer.school.connection,
    )

    keeper.sweep(connection=gate.session("app_keeper"))

    assert gate.state_of(offer.envelope) == ("cancelled", "DENY_OPT_IN_WITHDRAWN")


def test_one_click_withdraws_and_a_second_one_changes_nothing(gate: Gate, school: School) -> None:
    offer = offer_at(school)
    gate.claim(offer.envelope)
    (taken,) = gate.take(offer.envelope)
    gate.complete(offer.envelope)
    site = gate.session("app_public")

    first = public.withdraw_by_token(taken.token, connection=site)
    second = public.withdraw_by_token(taken.token, connection=site)

    events = acts.consents_of(offer.guardian.subject, connection=school.connection)
    assert first == second
    assert [(event.act, event.capture) for event in events] == [("give", "portal"), ("withdraw", "one_click")]
    assert public.explain_by_token(taken.token, connection=site)["now"] == {"consent": "withdraw", "objected": False}


def test_a_claim_in_a_stricter_isolation_level_is_refused(gate: Gate, offer: Offer) -> None:
    """Its snapshot could be older than the lock, and miss a revocation."""
    for level in ("REPEATABLE READ", "SERIALIZABLE"):
        with gate.fresh("app_dispatch") as connection:
            connection.execute(f"SET default_transaction_isolation = '{level.lower()}'")
            with pytest.raises(GateConflict, match="READ COMMITTED"):
                dispatch.claim([offer.envelope], connection=connection)

    assert gate.state_of(offer.envelope) == ("queued", None)


def test_only_a_director_revokes(offer: Offer) -> None:
    with pytest.raises(GateRefused, match="director"):
        acts.revoke(actor=offer.guardian.subject, reason="no", connection=offer.school.connection)

    assert acts.instructions(connection=offer.school.connection)[0].revoked_at is None


def test_a_dispatcher_in_the_middle_of_a_claim_makes_a_revocation_wait_and_no_longer(gate: Gate, offer: Offer) -> None:
    with gate.fresh("app_dispatch") as connection:
        connection.autocommit = False
        (decision,) = dispatch.claim([offer.envelope], connection=connection)
        done: list[tuple[datetime, int]] = []
        revoking = threading.Thread(target=lambda: done.append(offer.school.revoke()))
        revoking.start()
        revoking.join(0.2)
        assert revoking.is_alive()
        connection.commit()
        revoking.join(5)

    assert decision.verdict == "ALLOW"
    assert [handed_over for _, handed_over in done] == [1]


def test_a_school_revokes_while_it_changes_a_person_whom_another_session_erases(gate: Gate, school: School) -> None:
    """Both touch the person and the school's lock; taking them in different orders was a deadlock."""
    person = school.guardian()
    school.authorise()
    with gate.fresh("app_school") as eraser:
        eraser.execute(f'SET ROLE "school_{school.id.hex}"')
        erasing = threading.Thread(target=lambda: acts.erase_subject(subject=person.subject, connection=eraser))
        with school.connection.transaction():
            person.is_active = False
            school.put(person)
            erasing.start()
            waits_for_a_lock(gate, eraser)
            school.revoke()
        erasing.join(5)

    assert not erasing.is_alive()
    assert acts.instructions(connection=school.connection)[0].revoked_at is not None
    assert gate.superuser.execute(
        "SELECT count(*) FROM consent.subject WHERE subject_id = %s", [person.subject]
    ).fetchone() == (0,)


def waits_for_a_lock(gate: Gate, connection: psycopg.Connection) -> None:
    pid = connection.info.backend_pid
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        found = gate.superuser.execute(
            "SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'", [pid]
        ).fetchone()
        if found:
            return
        time.sleep(0.01)
    raise AssertionError("The other session waits for nothing.")
