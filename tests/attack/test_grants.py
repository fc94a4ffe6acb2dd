"""Only the guardian's own act makes a grant, and nothing brings one back."""

from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from .world import NOTICE, PURPOSE, Gate, School


@pytest.fixture
def campaign(gate: Gate, school: School) -> UUID:
    """Everybody but the guardian has said yes."""
    gate.authorise(school)
    campaign = gate.propose(school)
    gate.approve(school, campaign)
    return campaign


def verdict(gate: Gate, school: School, campaign: UUID) -> str:
    """What the guardian's envelope comes to: expanded, and claimed where the expansion let it through."""
    gate.expand(school, campaign)
    envelope, state, code = gate.inspect(
        "SELECT envelope_id, state, code FROM consent.envelope WHERE campaign_id = %s AND school_id = %s"
        " ORDER BY created_at DESC, envelope_id DESC LIMIT 1",
        campaign,
        school.id,
    )[0]
    return str(code) if state == "suppressed" else str(gate.claim(envelope)[1] or "ALLOW")


def grants(gate: Gate, school: School) -> int:
    query = "SELECT count(*) FROM consent.consent_event WHERE school_id = %s AND act = 'give'"
    return int(gate.inspect(query, school.id)[0][0])


def put_guardian(gate: Gate, school: School, **changes: object) -> None:
    person = {
        "subject_id": str(school.guardian),
        "roles": ["guardian"],
        "is_adult": True,
        "is_active": True,
        "language": "pl",
    }
    gate.ask_for(school, "SELECT consent.put_subjects(%s)", Jsonb([person | changes]))


def test_the_world_is_one_in_which_an_offer_can_be_sent(gate: Gate, school: School, campaign: UUID) -> None:
    gate.give_consent(school)

    assert verdict(gate, school, campaign) == "ALLOW"


def test_an_import_cannot_create_a_grant(gate: Gate, school: School, campaign: UUID) -> None:
    for extra in ({"consent": True}, {"act": "give"}, {"grants": ["vendor_offers"]}, {"capture": "portal"}):
        put_guardian(gate, school, **extra)
        gate.put_contact(school, **extra)
    gate.ask_for(school, "SELECT consent.add_suppression('sms', %s, 'stop')", school.address_hash)

    assert grants(gate, school) == 0
    assert verdict(gate, school, campaign) == "DENY_NO_OPT_IN"


@pytest.mark.parametrize("capture", ["import", "roster", "paper", "phone", "migration"])
def test_a_yes_that_did_not_come_from_the_guardians_own_act_counts_for_nothing(
    gate: Gate, school: School, campaign: UUID, capture: str
) -> None:
    query = "SELECT consent.give_consent(%s, %s, %s, 'email', %s, 1, %s, %s)"
    gate.ask_for(school, query, school.guardian, school.guardian, PURPOSE, school.contact, NOTICE, capture)

    assert verdict(gate, school, campaign) == "DENY_OPT_IN_INVALID_CAPTURE"


def test_nobody_gives_another_persons_consent(gate: Gate, school: School, campaign: UUID) -> None:
    query = "SELECT consent.give_consent(%s, %s, %s, 'email', %s, 1, %s, 'portal')"
    gate.ask_for(school, query, school.director, school.guardian, PURPOSE, school.contact, NOTICE)

    assert verdict(gate, school, campaign) == "DENY_OPT_IN_INVALID_CAPTURE"


def test_a_director_cannot_overrule_a_refusal(gate: Gate, school: School, campaign: UUID) -> None:
    refuse = "SELECT consent.refuse_consent(%s, %s, %s, 'email')"
    gate.ask_for(school, refuse, school.guardian, school.guardian, PURPOSE)
    query = "SELECT consent.give_consent(%s, %s, %s, 'email', %s, 1, %s, 'portal')"
    gate.ask_for(school, query, school.director, school.guardian, PURPOSE, school.contact, NOTICE)

    assert verdict(gate, school, campaign).startswith("DENY_OPT_IN")


def test_deleting_and_creating_the_person_again_does_not_resurrect_a_grant(
    gate: Gate, school: School, campaign: UUID
) -> None:
    gate.give_consent(school)
    gate.ask_for(school, "SELECT consent.erase_subject(%s)", school.guardian)

    put_guardian(gate, school)
    gate.put_contact(school)

    assert verdict(gate, school, campaign) == "DENY_OPT_IN_WITHDRAWN"


def test_deleting_and_creating_the_contact_again_does_not_carry_a_grant_to_another_address(
    gate: Gate, school: School, campaign: UUID
) -> None:
    gate.give_consent(school)

    gate.put_contact(school, version=2, address_hash="ab" * 32)

    assert verdict(gate, school, campaign) == "DENY_CONTACT_CHANGED"


def test_a_new_contact_point_is_not_the_one_of_the_grant(gate: Gate, school: School, campaign: UUID) -> None:
    gate.give_consent(school)
    gate.put_contact(school, is_active=False)

    gate.put_contact(school, contact_id=str(uuid4()), address_hash="ab" * 32)

    assert verdict(gate, school, campaign) == "DENY_CONTACT_PROVENANCE"


def test_a_suppression_outlives_the_contact_and_the_person(gate: Gate, school: School, campaign: UUID) -> None:
    gate.give_consent(school)
    gate.ask_for(school, "SELECT consent.object_to_vendor(%s, %s)", school.guardian, school.guardian)
    gate.ask_for(school, "SELECT consent.erase_subject(%s)", school.guardian)

    put_guardian(gate, school)
    gate.put_contact(school)
    gate.give_consent(school)

    assert verdict(gate, school, campaign) == "DENY_SUPPRESSED_OBJECTION"


def test_an_objection_follows_the_address_to_another_person_and_another_school(
    gate: Gate, school: School, other_school: School
) -> None:
    gate.ask_for(school, "SELECT consent.object_to_vendor(%s, %s)", school.guardian, school.guardian)
    gate.put_contact(other_school, version=2, address_hash=school.address_hash.hex())
    gate.authorise(other_school)
    query = "SELECT consent.give_consent(%s, %s, %s, 'email', %s, 2, %s, 'portal')"
    gate.ask_for(
        other_school, query, other_school.guardian, other_school.guardian, PURPOSE, other_school.contact, NOTICE
    )
    campaign = gate.propose(other_school)
    gate.approve(other_school, campaign)

    assert verdict(gate, other_school, campaign) == "DENY_SUPPRESSED_OBJECTION"


def test_a_grant_that_outlived_its_year_is_not_revived_by_what_came_between(
    gate: Gate, school: School, campaign: UUID
) -> None:
    """Events are folded in order first: an old yes, a refusal, and no expiry of the refusal brings the yes back."""
    insert = (
        "INSERT INTO consent.consent_event (event_id, school_id, subject_id, purpose, channel, act, actor, capture,"
        " contact_id, contact_version, notice_id, instruction_id, made_at, expires_at)"
        " SELECT gen_random_uuid(), %s, %s, 'vendor_offers', 'email', %s, %s, 'portal', %s, 1, %s,"
        " (SELECT instruction_id FROM consent.instruction WHERE school_id = %s),"
        " now() - %s::interval, CASE %s WHEN 'give' THEN now() + interval '100 days' END"
    )
    for act, age in (("give", "400 days"), ("refuse", "390 days")):
        gate.inspect(
            insert, school.id, school.guardian, act, school.guardian, school.contact, NOTICE, school.id, age, act
        )

    assert verdict(gate, school, campaign) == "DENY_OPT_IN_REFUSED"


def test_a_grant_cannot_be_given_before_the_school_allowed_the_vendor_to_ask(gate: Gate, school: School) -> None:
    gate.give_consent(school)
    gate.authorise(school)
    campaign = gate.propose(school)
    gate.approve(school, campaign)

    assert verdict(gate, school, campaign) == "DENY_OPT_IN_OUTSIDE_INSTRUCTION"


def test_a_pupil_is_never_reached(gate: Gate, school: School, campaign: UUID) -> None:
    gate.give_consent(school)

    put_guardian(gate, school, roles=["guardian", "pupil"])

    assert verdict(gate, school, campaign) == "DENY_NOT_GUARDIAN"
