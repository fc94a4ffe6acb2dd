"""Every code of policy version 1 is reached, most of them at the claim, after the envelope had been queued."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from psycopg import sql

import opt_in.gate
from opt_in.gate import register, vendor
from opt_in.gate import school as acts
from opt_in.gate.codes import CODES

from .world import NOTICE, PURPOSE, Gate, Offer, Person, School, offer_at

Scenario = Callable[[Gate, School], str | None]
SCENARIOS: dict[str, Scenario] = {}


def reaches(code: str) -> Callable[[Scenario], Scenario]:
    def note(scenario: Scenario) -> Scenario:
        SCENARIOS[code] = scenario
        return scenario

    return note


def claimed(gate: Gate, offer: Offer) -> str | None:
    (decision,) = gate.claim(offer.envelope)
    return decision.code


def forged(gate: Gate, offer: Offer, **changes: object) -> str | None:
    """A row that no function would write, as the operator's superuser could."""
    columns = [
        row[0]
        for row in gate.superuser.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'consent.envelope'::regclass AND attnum > 0"
        )
    ]
    changes = {"envelope_id": uuid4(), **changes}
    values = [sql.Literal(changes[name]) if name in changes else sql.Identifier(name) for name in columns]
    gate.superuser.execute(
        sql.SQL("INSERT INTO consent.envelope ({}) SELECT {} FROM consent.envelope WHERE envelope_id = {}").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(", ").join(values), offer.envelope
        )
    )
    forged_id = changes["envelope_id"]
    assert isinstance(forged_id, UUID)
    (decision,) = gate.claim(forged_id)
    return decision.code


@reaches("DENY_INPUT_UNAVAILABLE")
def a_code_without_a_contact(gate: Gate, school: School) -> str | None:
    params = b"sealed"
    envelope = acts.enqueue(
        kind="contact.code",
        subject=school.guardian().subject,
        channel="email",
        params=params,
        content_sha256=hashlib.sha256(params).digest(),
        connection=school.connection,
    )
    return gate.claim(envelope)[0].code


@reaches("DENY_UNCLASSIFIED")
def an_unknown_kind(gate: Gate, school: School) -> str | None:
    return forged(gate, offer_at(school), kind="vendor.surprise")


@reaches("DENY_CLASS_DOWNGRADE")
def an_offer_dressed_as_a_service_message(gate: Gate, school: School) -> str | None:
    return forged(gate, offer_at(school), **{"class": "school_service"})


@reaches("DENY_ORIGIN_MISMATCH")
def an_offer_dressed_as_the_schools(gate: Gate, school: School) -> str | None:
    return forged(gate, offer_at(school), origin="school")


@reaches("DENY_SENDER_NOT_OWNED")
def another_ones_sender(gate: Gate, school: School) -> str | None:
    return school.expand(gate.propose(school, sender=f"school:{school.id}")).code


@reaches("DENY_IMPERSONATION")
def the_schools_name_in_the_signature(gate: Gate, school: School) -> str | None:
    text = {"subject": "More", "body": f"Try Plus.\n\n{school.name.upper().replace(' ', '  ')}"}
    return school.expand(gate.propose(school, texts={"email": {"en": text}})).code


@reaches("DENY_KILL_SWITCH")
def a_stopped_campaign(gate: Gate, school: School) -> str | None:
    offer = offer_at(school)
    vendor.stop_campaign(offer.campaign, connection=gate.session("app_vendor"))
    gate.judge()
    return claimed(gate, offer)


@reaches("DENY_SCHOOL_NOT_LIVE")
def a_suspended_school(gate: Gate, school: School) -> str | None:
    offer = offer_at(school)
    acts.suspend(actor=school.director.subject, connection=school.connection)
    return claimed(gate, offer)


@reaches("DENY_SCHOOL_NOT_AUTHORISED")
def a_school_that_did_nothing(gate: Gate, school: School) -> str | None:
    return school.expand(gate.propose(school)).code


@reaches("DENY_SCHOOL_REVOKED")
def a_school_that_revoked(gate: Gate, school: School) -> str | None:
    offer = offer_at(school)
    school.revoke()
    return claimed(gate, offer)


@reaches("DENY_SCHOOL_EXPIRED")
def an_instruction_that_ended(gate: Gate, school: School) -> str | None:
    school.authorise(valid_to=datetime.now(UTC) + timedelta(hours=1))
    campaign = gate.propose(school)
    with gate.ahead(timedelta(hours=2)):
        return school.expand(campaign).code


@reaches("DENY_SCHOOL_SCOPE")
def another_product(gate: Gate, school: School) -> str | None:
    school.authorise(products=["exam-coach"])
    return school.expand(gate.propose(school)).code


@reaches("HOLD_INSTRUCTION_NOT_YET_VALID")
def an_instruction_from_tomorrow(gate: Gate, school: School) -> str | None:
    school.authorise(valid_from=datetime.now(UTC) + timedelta(days=1))
    school.resolve()
    campaign = gate.propose(school)
    school.approve(campaign)
    return school.expand(campaign).code


@reaches("DENY_COUNCIL_OPPOSED")
def a_council_that_opposed(gate: Gate, school: School) -> str | None:
    offer = offer_at(school)
    school.resolve("negative")
    return claimed(gate, offer)


@reaches("DENY_COUNCIL_MISSING")
def a_resolution_that_nobody_confirmed(gate: Gate, school: School) -> str | None:
    school.authorise()
    school.resolve(confirm=False)
    return school.expand(gate.propose(school)).code


@reaches("DENY_COUNCIL_EXPIRED")
def last_years_resolution(gate: Gate, school: School) -> str | None:
    school.authorise()
    school.resolve(decided_on=datetime.now(UTC).date() - timedelta(days=366))
    return school.expand(gate.propose(school)).code


@reaches("HOLD_COUNCIL_NOT_YET_VALID")
def a_resolution_from_the_day_after_tomorrow(gate: Gate, school: School) -> str | None:
    school.authorise()
    school.resolve(decided_on=datetime.now(UTC).date() + timedelta(days=2))
    campaign = gate.propose(school)
    school.approve(campaign)
    return school.expand(campaign).code


@reaches("HOLD_AWAITING_DIRECTOR")
def a_director_who_has_not_looked(gate: Gate, school: School) -> str | None:
    school.authorise()
    school.resolve()
    return school.expand(gate.propose(school)).code


@reaches("DENY_DIRECTOR_REJECTED")
def a_director_who_rejects_after_all(gate: Gate, school: School) -> str | None:
    offer = offer_at(school)
    acts.reject_content(
        actor=school.director.subject, campaign_id=offer.campaign, reason="no", connection=school.connection
    )
    return claimed(gate, offer)


@reaches("DENY_CONTENT_CHANGED")
def a_content_that_is_not_the_approved_one(gate: Gate, school: School) -> str | None:
    offer = offer_at(school)
    school.approve(offer.campaign, hashlib.sha256(b"something else").digest())
    return claimed(gate, offer)


def after(change: Callable[[School, Person], object]) -> Scenario:
    """Queued while all was well; then something changes; then it is claimed."""

    def scenario(gate: Gate, school: School) -> str | None:
        offer = offer_at(school)
        change(school, offer.guardian)
        return claimed(gate, offer)

    return scenario


def becomes(**changes: object) -> Scenario:
    def change(school: School, guardian: Person) -> None:
        for name, value in changes.items():
            setattr(guardian, name, value)
        school.put(guardian)

    return after(change)


def suppressed_for(reason: str) -> Scenario:
    return after(
        lambda school, guardian: acts.add_suppression(
            channel="email", address_hash=guardian.address_hash, reason=reason, connection=school.connection
        )
    )


def says_no(school: School, guardian: Person) -> None:
    acts.refuse_consent(
        actor=guardian.subject,
        subject=guardian.subject,
        purpose=PURPOSE,
        channel="email",
        connection=school.connection,
    )


def withdraws(school: School, guardian: Person) -> None:
    acts.withdraw_consent(
        actor=guardian.subject,
        subject=guardian.subject,
        purpose=PURPOSE,
        channel="email",
        connection=school.connection,
    )


def objects(school: School, guardian: Person) -> None:
    acts.object_to_vendor(actor=guardian.subject, subject=guardian.subject, connection=school.connection)


SCENARIOS |= {
    "DENY_NOT_GUARDIAN": becomes(roles=["staff"]),
    "DENY_MINOR": becomes(is_adult=False),
    "DENY_SUPPRESSED_OBJECTION": after(objects),
    "DENY_SUPPRESSED_COMPLAINT": suppressed_for("complaint"),
    "DENY_SUPPRESSED_STOP": suppressed_for("stop"),
    "DENY_SUPPRESSED_BOUNCE": suppressed_for("bounce"),
    "DENY_OPT_IN_WITHDRAWN": after(withdraws),
    "DENY_OPT_IN_REFUSED": after(says_no),
    "DENY_NO_CONTACT": becomes(reachable=False),
    "DENY_CONTACT_UNVERIFIED": becomes(verified=False),
    "DENY_CONTACT_CHANGED": becomes(version=2),
    "DENY_OPT_IN_INVALID_CAPTURE": after(
        lambda school, guardian: school.grant(guardian, actor=school.director.subject)
    ),
    "DENY_CONTACT_PROVENANCE": after(lambda school, guardian: school.grant(guardian, contact_id=None)),
}


@reaches("DENY_NO_OPT_IN")
def a_guardian_who_was_never_asked(gate: Gate, school: School) -> str | None:
    offer = offer_at(school)
    silent = school.guardian()
    return forged(gate, offer, subject_id=silent.subject, contact_id=silent.contact)


@reaches("DENY_OPT_IN_EXPIRED")
def last_years_yes(gate: Gate, school: School) -> str | None:
    offer = offer_at(school, expires_at=(datetime.now(UTC) + timedelta(days=700)).isoformat())
    with gate.ahead(timedelta(days=365)):
        school.authorise()
        school.resolve(decided_on=datetime.now(UTC).date() + timedelta(days=360))
        return claimed(gate, offer)


@reaches("DENY_OPT_IN_NOTICE_SUPERSEDED")
def an_old_notice(gate: Gate, school: School) -> str | None:
    old = uuid4()
    gate.superuser.execute(
        "INSERT INTO consent.notice SELECT %s, purpose, 'xx', 1 + (SELECT count(*) FROM consent.notice), body, "
        "approved_at FROM consent.notice WHERE notice_id = %s",
        [old, NOTICE],
    )
    offer = offer_at(school)
    school.grant(offer.guardian, notice_id=old)
    gate.superuser.execute("UPDATE consent.notice SET superseded_at = now() WHERE notice_id = %s", [old])
    return claimed(gate, offer)


@reaches("DENY_OPT_IN_OUTSIDE_INSTRUCTION")
def a_yes_before_the_school_let_anybody_ask(gate: Gate, school: School) -> str | None:
    guardian = school.guardian()
    school.grant(guardian)
    offer = offer_at(school)
    return forged(gate, offer, subject_id=guardian.subject, contact_id=guardian.contact)


@reaches("DENY_NO_WITHDRAWAL_PATH")
def a_sender_without_a_way_out(gate: Gate, school: School) -> str | None:
    name = f"no-exit-{uuid4().hex}"
    register.register_sender(
        sender_id=name,
        display_name="Zgoda offers",
        address="a@zgoda.example",
        has_one_click=False,
        has_stop_word=True,
        connection=gate.session("zgoda_owner"),
    )
    offer = offer_at(school)
    campaign = gate.propose(school, sender=name)
    school.approve(campaign)
    school.expand(campaign)
    (count,) = acts.counts(campaign, connection=school.connection)
    assert gate.state_of(offer.envelope) == ("queued", None)
    return count.code


@reaches("DENY_DUPLICATE")
def the_same_offer_twice(gate: Gate, school: School) -> str | None:
    offer = offer_at(school)
    copy = uuid4()
    gate.superuser.execute(
        "INSERT INTO consent.envelope SELECT (jsonb_populate_record(e, jsonb_build_object('envelope_id', %s::text))).* "
        "FROM consent.envelope e WHERE envelope_id = %s",
        [str(copy), offer.envelope],
    )
    assert claimed(gate, offer) is None
    return gate.claim(copy)[0].code


@reaches("DENY_MESSAGE_EXPIRED")
def too_late(gate: Gate, school: School) -> str | None:
    offer = offer_at(school)
    with gate.ahead(timedelta(days=8)):
        return claimed(gate, offer)


@reaches("HOLD_NOT_BEFORE")
def too_early(gate: Gate, school: School) -> str | None:
    return claimed(gate, offer_at(school, not_before=(datetime.now(UTC) + timedelta(hours=1)).isoformat()))


@pytest.mark.parametrize("code", sorted(CODES))
def test_this_code_is_reached(code: str, gate: Gate, school: School) -> None:
    found = SCENARIOS[code](gate, school)

    assert found == code


def test_an_offer_with_both_keys_is_allowed(gate: Gate, offer: Offer) -> None:
    (decision,) = gate.claim(offer.envelope)

    assert (decision.verdict, decision.code, decision.codes, decision.policy) == ("ALLOW", None, (), 1)


def test_the_catalogue_explains_exactly_the_codes_that_the_rules_know() -> None:
    folder = Path(opt_in.gate.__file__).with_name("sql")
    rules = "".join((folder / name).read_text() for name in ("40_decide_school.sql", "41_decide.sql"))

    written = set(re.findall(r"'((?:DENY|HOLD)_[A-Z_]+)'", rules)) - {"DENY_SCHOOL_"}

    assert written | {"DENY_SCHOOL_REVOKED", "DENY_SCHOOL_EXPIRED"} == set(CODES)
