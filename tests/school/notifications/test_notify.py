import pytest
from django.db import ProgrammingError, connection, transaction

from notifications.kinds import ContactCode, SchoolMessage, UnusableParameters, VendorCampaign
from notifications.services import notify
from opt_in.gate import school as gate
from opt_in.gate.errors import GateNotFound, GateRefused
from tenants.people.models import User
from tenants.schools.models import School

TRIP = SchoolMessage(subject="Izlet", body="Zberemo se ob osmih.")


def queued() -> list[tuple[str, str, str]]:
    return [(item.kind, item.language, item.state) for item in gate.envelopes(limit=50)]


def test_a_message_is_queued_in_the_readers_language(guardian: User) -> None:
    notify(kind="school.message", recipient=guardian.id, parameters=TRIP)

    assert queued() == [("school.message", "sl", "queued")]


def test_a_message_is_queued_only_if_what_it_tells_is_committed(guardian: User) -> None:
    class ChangeOfMind(Exception):
        pass

    with pytest.raises(ChangeOfMind), transaction.atomic():
        notify(kind="school.message", recipient=guardian.id, parameters=TRIP)
        raise ChangeOfMind

    assert queued() == []


def test_a_second_call_with_the_same_key_changes_nothing(guardian: User) -> None:
    first = notify(kind="school.message", recipient=guardian.id, parameters=TRIP, dedupe_key="trip 1")
    second = notify(kind="school.message", recipient=guardian.id, parameters=TRIP, dedupe_key="trip 1")

    assert first == second
    assert len(queued()) == 1


def test_nobody_of_another_school_can_be_told_anything(school: School, stranger: User) -> None:
    with pytest.raises(GateNotFound), transaction.atomic():
        notify(kind="school.message", recipient=stranger.id, parameters=TRIP)

    assert queued() == []


def test_a_school_cannot_send_what_only_the_gate_may(guardian: User) -> None:
    with pytest.raises(GateRefused), transaction.atomic():
        notify(kind="vendor.campaign", recipient=guardian.id, parameters=VendorCampaign())

    assert queued() == []


def test_parameters_of_another_kind_are_refused(guardian: User) -> None:
    with pytest.raises(UnusableParameters):
        notify(kind="school.message", recipient=guardian.id, parameters=ContactCode(code="1", minutes=1))

    assert queued() == []


def test_the_schools_role_cannot_read_the_outbox(guardian: User) -> None:
    notify(kind="school.message", recipient=guardian.id, parameters=TRIP)

    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT params FROM consent.envelope")
