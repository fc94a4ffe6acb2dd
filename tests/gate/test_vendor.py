"""What the vendor can ask for, and what it may know of the answer."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from opt_in.gate import keeper, public, register, vendor
from opt_in.gate import school as acts
from opt_in.gate.errors import GateBadInput, GateNotFound, GateRefused

from .world import PRODUCT, PURPOSE, Gate, Offer, School, offer_at


def outcome_of(gate: Gate, campaign: UUID) -> tuple[str | None, str | None]:
    requests = vendor.campaigns(connection=gate.session("app_vendor"))
    (found,) = [(one.outcome, one.reason) for one in requests if one.campaign_id == campaign]
    return found


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"purpose": "everything"}, "purpose"),
        ({"product": "Plus!"}, "product"),
        ({"sender": None}, "sender"),
        ({"audience": "pupils"}, "audience"),
        ({"channels": []}, "channel"),
        ({"channels": "email"}, "list"),
        ({"channels": ["email", "email"]}, "once"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "soon"}, "soon"),
        ({"expires_at": "infinity"}, "expires_at"),
        ({"expires_at": "294000-01-01T00:00:00Z"}, "expires_at"),
        ({"not_before": "-infinity"}, "not_before"),
        ({"not_before": "infinity"}, "not_before"),
        ({"texts": {}}, "texts.email"),
        ({"texts": {"email": {"en": {"subject": "", "body": "x"}}}}, "subject"),
        ({"texts": {"email": {"en": {"subject": ["x"], "body": "x"}}}}, "subject"),
        ({"channels": ["sms"], "texts": {"sms": {"en": {"subject": [["x"]], "body": "x"}}}}, "subject"),
        ({"texts": {"email": {"en": {"subject": "x", "body": "x", "logo": "x"}}}}, "nothing else"),
        ({"targets": None}, "targets"),
        ({"targets": {"countries": ["PL"], "schools": ["x"]}}, "uuid"),
    ],
)
def test_a_malformed_proposal_is_refused_with_a_reason_and_stops_nobody(
    change: dict[str, Any], reason: str, gate: Gate, school: School
) -> None:
    bad = gate.propose(school, **change)

    good = gate.propose(school)

    found, why = outcome_of(gate, bad)
    assert found == "refused"
    assert reason in (why or "")
    assert outcome_of(gate, good) == ("done", None)
    assert [one.campaign_id for one in acts.proposals(connection=school.connection)] == [good]


@pytest.mark.parametrize("place", ["subject", "body", "logo"])
def test_no_depth_of_nesting_stops_the_keeper(place: str, gate: Gate, school: School) -> None:
    """Beyond what PostgreSQL's stack allows a function to walk through, and within a megabyte."""
    bad = uuid4()
    ask = gate.proposal(school, campaign_id=str(bad), channels=["sms"])
    ask["texts"] = {"sms": {"en": {"body": "x"} | {place: "DEEP"}}}
    deep = json.dumps(ask).replace('"DEEP"', "[" * 6000 + "]" * 6000)
    session = gate.session("app_vendor")
    session.execute("SELECT consent.propose(%s::jsonb)", [deep])

    good = gate.propose(school)

    outcomes: dict[Any, Any] = dict(session.execute("SELECT campaign_id, outcome FROM consent.campaigns()").fetchall())
    assert (outcomes[bad], outcomes[good]) == ("refused", "done")


def test_the_director_sees_an_attempt_that_was_refused_at_once_and_is_told(gate: Gate, school: School) -> None:
    school.resolve("negative")

    campaign = gate.propose(school)

    (seen,) = acts.proposals(connection=school.connection)
    assert (seen.campaign_id, seen.verdict, seen.code) == (campaign, "DENY", "DENY_COUNCIL_OPPOSED")
    (mail,) = acts.envelopes(connection=school.connection)
    assert (mail.kind, mail.subject_id) == ("campaign.proposed", school.director.subject)
    assert (gate.claim(mail.envelope_id)[0].verdict, len(gate.take(mail.envelope_id))) == ("ALLOW", 1)


def test_a_refused_school_costs_one_row_and_touches_no_guardian(gate: Gate, school: School) -> None:
    guardian = school.guardian()
    school.authorise()
    school.grant(guardian)
    school.resolve("negative")
    campaign = gate.propose(school)

    expansion = school.expand(campaign)

    assert (expansion.verdict, expansion.code) == ("DENY", "DENY_COUNCIL_OPPOSED")
    assert (expansion.queued, expansion.suppressed) == (0, 0)
    assert acts.counts(campaign, connection=school.connection) == []


def test_the_first_verdict_stays_while_the_present_one_follows_the_school(gate: Gate, school: School) -> None:
    campaign = gate.propose(school)
    school.authorise()
    school.resolve()

    (seen,) = acts.proposals(connection=school.connection)

    assert (seen.first_code, seen.code) == ("DENY_SCHOOL_NOT_AUTHORISED", "HOLD_AWAITING_DIRECTOR")
    keeper.tally(connection=gate.session("app_keeper"))
    (known,) = vendor.verdicts(campaign, connection=gate.session("app_vendor"))
    assert (known.school_id, known.code) == (school.id, "HOLD_AWAITING_DIRECTOR")


def test_the_vendor_knows_numbers_rounded_to_tens_and_none_that_round_to_nothing(gate: Gate, school: School) -> None:
    guardians = [school.guardian() for _ in range(14)]
    for _ in range(3):
        school.guardian()
    offer = offer_at(school, guardians)

    keeper.tally(connection=gate.session("app_keeper"))

    known = vendor.tallies(offer.campaign, connection=gate.session("app_vendor"))
    exact = {(one.state, one.messages) for one in acts.counts(offer.campaign, connection=school.connection)}
    assert exact == {("queued", 14), ("suppressed", 3)}
    assert {(one.state, one.messages) for one in known} == {("queued", 10)}


def test_nobody_is_reached_before_the_director_acts(gate: Gate, school: School) -> None:
    school.authorise()
    school.resolve()
    school.grant(school.guardian())

    campaign = gate.propose(school)

    assert acts.waiting_campaigns(connection=school.connection) == []
    assert acts.schools_to_expand(connection=gate.session("app_school")).count(f"school_{school.id.hex}") == 0
    school.approve(campaign)
    assert acts.waiting_campaigns(connection=school.connection) == [campaign]
    assert acts.schools_to_expand(connection=gate.session("app_school")).count(f"school_{school.id.hex}") == 1


@pytest.mark.parametrize("hours", [-1, 1], ids=["has begun", "begins later"])
def test_who_is_reached_is_settled_when_the_offer_begins(hours: int, gate: Gate, school: School) -> None:
    school.authorise()
    school.resolve()
    begins = datetime.now(UTC) + timedelta(hours=hours)
    campaign = gate.propose(school, not_before=begins.isoformat())

    school.approve(campaign)

    assert acts.waiting_campaigns(connection=school.connection) == ([campaign] if hours < 0 else [])


def test_expanding_again_adds_nobody_twice_and_reaches_who_said_yes_meanwhile(gate: Gate, offer: Offer) -> None:
    late = offer.school.guardian()
    offer.school.expand(offer.campaign)
    offer.school.grant(late)

    again = offer.school.expand(offer.campaign)

    assert again.queued == 1
    assert len(offer.school.envelopes_of(offer.campaign)) == 2


def test_a_campaign_id_used_twice_is_refused_the_second_time(gate: Gate, school: School, other_school: School) -> None:
    campaign = gate.propose(school)

    gate.propose(other_school, campaign_id=str(campaign))

    assert acts.proposals(connection=other_school.connection) == []


def test_a_kill_switch_stops_a_channel_until_it_is_switched_off(gate: Gate, offer: Offer) -> None:
    session = gate.session("app_vendor")
    vendor.set_kill_switch("channel", "email", True, connection=session)
    gate.judge()
    try:
        assert offer.school.expand(gate.propose(offer.school)).code == "DENY_KILL_SWITCH"
    finally:
        vendor.set_kill_switch("channel", "email", False, connection=session)
        gate.judge()

    assert [decision.verdict for decision in gate.claim(offer.envelope)] == ["ALLOW"]


def test_a_renamed_school_is_still_not_imitated_under_its_old_name(gate: Gate, school: School) -> None:
    register.rename_school(
        school_id=school.id, names={"pl": "Zespół Szkół nr 5"}, connection=gate.session("zgoda_owner")
    )

    # the last one with a Cyrillic and an Armenian letter
    for name in (school.name, "ZESPÓŁ  SZKÓŁ nr. 5", "Zespol Szkol nr 5", "Ze\u0455p\u0585\u0142 Szk\u0585l nr 5"):
        signed = {"subject": "More", "body": f"Try Plus.\n\nBest wishes,\n{name}"}
        assert school.expand(gate.propose(school, texts={"email": {"pl": signed}})).code == "DENY_IMPERSONATION"


LONG = "Try Plus at home. " * 40


@pytest.mark.parametrize(
    ("channel", "body", "imitates"),
    [
        ("email", "{name}\n\nDear parents,\n" + LONG, True),
        ("email", "Dear parents,\n" + LONG + "\n{name}", True),
        ("email", LONG + " Schools such as {name} know us. " + LONG, False),
        ("sms", "{name}: dear parents, " + LONG, True),
        ("sms", LONG + " Schools such as {name} know us. " + LONG, True),
        ("sms", "Zgoda offers: " + LONG, False),
    ],
    ids=["letterhead", "signature", "inside a mail", "first words", "inside a text message", "honest"],
)
def test_a_schools_name_stands_nowhere_that_a_reader_takes_for_the_writers(
    channel: str, body: str, imitates: bool, gate: Gate, school: School
) -> None:
    text = {"subject": "More", "body": body.format(name=school.name)}

    campaign = gate.propose(school, channels=[channel], texts={channel: {"pl": text}})

    (verdict,) = vendor.verdicts(campaign, connection=gate.session("app_vendor"))
    assert (verdict.code == "DENY_IMPERSONATION") is imitates


def test_a_sender_never_changes(gate: Gate, school: School) -> None:
    with pytest.raises(Exception, match="new sender"):
        register.register_sender(
            sender_id="zgoda-offers",
            display_name=school.name,
            address="school@zgoda.example",
            has_one_click=True,
            has_stop_word=False,
            connection=gate.session("zgoda_owner"),
        )


@pytest.mark.parametrize(
    ("written", "received"),
    [(["bg", "en", "pl", "uk"], "uk"), (["bg", "en", "pl"], "pl"), (["bg", "en"], "en"), (["bg", "cs"], "bg")],
    ids=["the guardian's", "else the school's", "else English", "else the first"],
)
def test_an_offer_is_read_in_the_guardians_language_where_there_is_one(
    written: list[str], received: str, gate: Gate, school: School
) -> None:
    text = {"subject": "x", "body": "Zgoda offers"}
    guardian = school.guardian(language="uk")
    offer = offer_at(school, [guardian], texts={"email": dict.fromkeys(written, text)})
    gate.claim(offer.envelope)

    (taken,) = gate.take(offer.envelope)

    assert taken.language == received


def test_an_unknown_link_says_nothing(gate: Gate) -> None:
    for ask in (public.withdraw_by_token, public.object_by_token, public.explain_by_token):
        with pytest.raises(GateNotFound, match="not known"):
            ask(uuid4().hex * 2, connection=gate.session("app_public"))


def test_a_wrong_login_and_bad_input_are_two_kinds_of_error(gate: Gate, school: School) -> None:
    with pytest.raises(GateRefused):
        vendor.propose({}, connection=gate.session("app_public"))
    with pytest.raises(GateBadInput, match="kill switch"):
        vendor.set_kill_switch("everything", "", True, connection=gate.session("app_vendor"))
    with pytest.raises(GateRefused):
        acts.proposals(connection=gate.session("app_school"))
    with pytest.raises(GateBadInput, match="31 August"):
        school.authorise(valid_from=datetime.now(UTC) + timedelta(days=400))
    with pytest.raises(GateBadInput, match="more votes for"):
        acts.record_resolution(
            actor=school.director.subject,
            outcome="positive",
            decided_on=datetime.now(UTC).date(),
            votes_for=1,
            votes_against=2,
            votes_abstained=0,
            purposes=[PURPOSE],
            products=[PRODUCT],
            connection=school.connection,
        )
