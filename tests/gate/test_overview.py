"""What the school's pages read: exact, of this school only, and the same explanation that the public site gives."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from opt_in.gate import public
from opt_in.gate import school as acts
from opt_in.gate.errors import GateNotFound
from opt_in.gate.school_overview import Forecast

from .world import PURPOSE, Gate, Offer, School, offer_at

TODAY = datetime.now(ZoneInfo("Europe/Warsaw")).date()


def test_a_persons_messages_come_newest_first_and_page_on(gate: Gate, school: School) -> None:
    guardian, other = school.guardian(), school.guardian()
    first = offer_at(school, [guardian, other])
    second = gate.propose(school)
    school.approve(second)
    school.expand(second)

    listed = acts.envelopes_of(guardian.subject, connection=school.connection)
    (newest,) = acts.envelopes_of(guardian.subject, limit=1, connection=school.connection)
    (oldest,) = acts.envelopes_of(guardian.subject, before=newest.envelope_id, connection=school.connection)

    assert [row.campaign_id for row in listed] == [second, first.campaign]
    assert (newest, oldest) == (listed[0], listed[1])
    assert (oldest.origin, oldest.sender_name, oldest.channel, oldest.state) == (
        "vendor", "Zgoda offers", "email", "queued",
    )  # fmt: skip


def test_the_explanation_is_the_one_of_the_public_site_and_says_whose_it_is(gate: Gate, offer: Offer) -> None:
    gate.claim(offer.envelope)
    (taken,) = gate.take(offer.envelope)
    gate.complete(offer.envelope)

    explained = acts.explain(offer.envelope, connection=offer.school.connection)

    whose = {name: explained.pop(name) for name in ("subject", "code", "created_at", "ended_at")}
    assert whose["subject"] == str(offer.guardian.subject)
    assert whose["code"] is None
    assert explained == public.explain_by_token(taken.token, connection=gate.session("app_public"))
    assert explained["receipt"]["leaf"]["verdict"] == "ALLOW"


def test_nothing_of_another_school_is_read(gate: Gate, offer: Offer, other_school: School) -> None:
    connection = other_school.connection

    with pytest.raises(GateNotFound):
        acts.explain(offer.envelope, connection=connection)
    with pytest.raises(GateNotFound):
        acts.explain(uuid4(), connection=connection)
    assert acts.envelopes_of(offer.guardian.subject, connection=connection) == []
    assert acts.forecast(offer.campaign, connection=connection) == []
    assert acts.timeline(from_day=TODAY, to_day=TODAY, to_guardians=False, connection=connection) == []
    assert acts.timeline_days(from_day=TODAY, to_day=TODAY, to_guardians=False, connection=connection) == []


def test_the_forecast_counts_each_guardian_by_what_the_claim_would_find(gate: Gate, school: School) -> None:
    said_yes, withdrew, objected, silent, unverified, moved, minor, pupil, gone = (
        school.guardian() for _ in range(9)
    )  # fmt: skip
    school.authorise(channels=["email", "sms"])
    school.resolve()
    for person in (said_yes, withdrew, objected, unverified, moved, minor, pupil, gone):
        school.grant(person)
    school.grant(silent, actor=school.director.subject)
    acts.withdraw_consent(
        actor=withdrew.subject, subject=withdrew.subject, purpose=PURPOSE, channel="email", connection=school.connection
    )
    acts.object_to_vendor(actor=objected.subject, subject=objected.subject, connection=school.connection)
    unverified.version, unverified.verified = 2, False
    moved.version = 2
    minor.is_adult = gone.is_active = False
    pupil.roles = ["guardian", "pupil"]
    school.put(unverified, moved, minor, pupil, gone)
    texts = {channel: {"en": {"subject": "More", "body": "Plus"}} for channel in ("email", "sms")}
    campaign = gate.propose(school, channels=["email", "sms"], texts=texts)

    by_mail, by_text = acts.forecast(campaign, connection=school.connection)
    school.approve(campaign)
    expansion = school.expand(campaign)

    assert by_mail == Forecast(
        "email", guardians=6, with_contact=5, said_yes=4, said_no=1, suppressed=1, would_receive=1
    )
    assert by_text == Forecast("sms", guardians=6, with_contact=0, said_yes=0, said_no=0, suppressed=1, would_receive=0)
    assert expansion.queued == by_mail.would_receive + by_text.would_receive


def test_a_forecast_is_there_before_anybody_allowed_anything_and_without_guardians(gate: Gate, school: School) -> None:
    campaign = gate.propose(school)

    assert acts.forecast(campaign, connection=school.connection) == [Forecast("email", 0, 0, 0, 0, 0, 0)]


def test_the_timeline_counts_what_is_alike_and_shows_requests_that_were_refused(gate: Gate, school: School) -> None:
    refused = gate.propose(school)
    guardians = [school.guardian() for _ in range(3)]
    silent = school.guardian()
    offer = offer_at(school, guardians)
    gate.claim(offer.envelope)
    gate.take(offer.envelope)
    gate.complete(offer.envelope)

    entries = acts.timeline(from_day=TODAY, to_day=TODAY, connection=school.connection)

    assert silent.is_active
    assert {
        (row.day, row.origin, row.kind, row.campaign_id, row.product, row.channel, row.state, row.code, row.messages)
        for row in entries
    } == {
        (TODAY, "vendor", "proposal", refused, "plus", "email", "DENY", "DENY_SCHOOL_NOT_AUTHORISED", 1),
        (TODAY, "vendor", "proposal", offer.campaign, "plus", "email", "HOLD", "HOLD_AWAITING_DIRECTOR", 1),
        (TODAY, "vendor", "vendor.campaign", offer.campaign, "plus", "email", "sent", None, 1),
        (TODAY, "vendor", "vendor.campaign", offer.campaign, "plus", "email", "queued", None, 2),
        (TODAY, "vendor", "vendor.campaign", offer.campaign, "plus", "email", "suppressed", "DENY_NO_OPT_IN", 1),
    }
    assert {row.total for row in entries} == {5}
    assert [row.last_at for row in entries] == sorted((row.last_at for row in entries), reverse=True)


def test_the_timeline_filters_by_origin_day_and_reader_and_pages_on(gate: Gate, offer: Offer) -> None:
    connection = offer.school.connection
    everything = acts.timeline(from_day=TODAY, to_day=TODAY, to_guardians=False, connection=connection)

    by_platform = acts.timeline(
        from_day=TODAY, to_day=TODAY, origin="platform", to_guardians=False, connection=connection
    )
    pages = [
        acts.timeline(from_day=TODAY, to_day=TODAY, to_guardians=False, limit=1, offset=page, connection=connection)
        for page in range(len(everything) + 1)
    ]

    assert {row.kind for row in by_platform} == {"campaign.proposed"}
    assert [row for page in pages for row in page] == everything
    assert acts.timeline(from_day=TODAY, to_day=TODAY, origin="platform", connection=connection) == []
    yesterday = TODAY - timedelta(days=1)
    assert acts.timeline(from_day=yesterday, to_day=yesterday, connection=connection) == []
    assert acts.timeline(from_day=TODAY, to_day=yesterday, connection=connection) == []
    assert acts.timeline(from_day=date.min.replace(day=3), to_day=date(9999, 1, 1), connection=connection) != []


def test_each_day_of_the_chart_is_the_sum_of_the_timelines_messages(gate: Gate, school: School) -> None:
    offer = offer_at(school, [school.guardian(), school.guardian()])
    school.guardian()
    gate.claim(offer.envelope)
    gate.take(offer.envelope)
    gate.complete(offer.envelope)

    (vendor,) = acts.timeline_days(from_day=TODAY, to_day=TODAY, connection=school.connection)

    assert (vendor.day, vendor.origin, vendor.messages, vendor.sent, vendor.refused) == (TODAY, "vendor", 2, 1, 0)
    listed = acts.timeline(from_day=TODAY, to_day=TODAY, connection=school.connection)
    assert sum(row.messages for row in listed if row.kind != "proposal") == vendor.messages


def test_somebody_who_was_forgotten_does_not_vanish_from_the_timeline(gate: Gate, offer: Offer) -> None:
    acts.erase_subject(subject=offer.guardian.subject, connection=offer.school.connection)

    entries = acts.timeline(from_day=TODAY, to_day=TODAY, connection=offer.school.connection)

    assert "vendor.campaign" in {row.kind for row in entries}


def test_an_objection_is_told_to_the_person_and_to_whoever_shares_the_address(school: School) -> None:
    guardian, other = school.guardian(), school.guardian()
    before = acts.suppressions_of(guardian.subject, connection=school.connection)
    acts.object_to_vendor(actor=guardian.subject, subject=guardian.subject, connection=school.connection)
    acts.add_suppression(channel="email", address_hash=other.address_hash, reason="stop", connection=school.connection)

    told = acts.suppressions_of(guardian.subject, connection=school.connection)

    assert before == []
    assert {(row.reason, row.channel) for row in told} == {("objection", None), ("objection", "email")}
    assert [(row.reason, row.channel) for row in acts.suppressions_of(other.subject, connection=school.connection)] == [
        ("stop", "email")
    ]


def test_the_smallest_id_of_a_moment_stands_before_the_ids_made_then(gate: Gate) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)

    row = gate.superuser.execute(
        "SELECT consent.id_at(%s) < consent.new_id(), consent.id_at(%s) > consent.new_id(),"
        " consent.id_at('-infinity'), consent.id_at('infinity')",
        [before, before + timedelta(minutes=1)],
    ).fetchone()

    assert row is not None
    assert [str(value) for value in row] == [
        "True", "True", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-0000-0000-000000000000",
    ]  # fmt: skip
