"""Receipts of consents: the same every time, in the vocabulary of DPV 2.3, and nothing outside of it."""

import json
from importlib.resources import files
from typing import Any

import pytest

from opt_in.gate import school as gate
from opt_in.selectors.consents import consents_for
from opt_in.selectors.receipts import CONTEXT, receipt_of
from opt_in.services.consents import refuse_consent
from tenants.access import Role
from tenants.people.models import Channel, User
from tenants.schools.models import School
from tests.school.conftest import enter
from tests.school.opt_in.families import authorise, verify
from tests.school.visitors import Visitor

ENGLISH = "0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e01"
VOCABULARIES = ("dpv:", "dpv-27560:", "eu-gdpr:", "loc:", "pd:")


@pytest.fixture
def page(school: School, director: User, guardian: User) -> Visitor:
    authorise(school, director, enter("cita", Role.GUARDIAN, email="cita@family.example"), "email", "sms")
    verify(guardian, Channel.EMAIL)
    verify(guardian, Channel.SMS, "+38640123456")
    return Visitor(school, guardian)


def downloads(page: Visitor, guardian: User) -> list[dict[str, Any]]:
    """The receipt of every event, oldest first."""
    found = []
    for event in gate.consents_of(guardian.id):
        answer = page.get(f"/consents/{event.event_id}/receipt.jsonld")
        assert answer["Content-Type"] == "application/ld+json"
        assert answer["Content-Disposition"].startswith('attachment; filename="zgoda-receipt-20')
        found.append(json.loads(answer.content))
    return found


def terms_in(value: object) -> set[str]:
    """Every term of a vocabulary in a receipt: keys, types and references."""
    if isinstance(value, list):
        return {term for item in value for term in terms_in(item)}
    if not isinstance(value, dict):
        return set()
    named = {*value, str(value.get("@type", "")), str(value.get("@id", ""))}
    below = {term for key, item in value.items() if key != "@context" for term in terms_in(item)}
    return below | {term for term in named if term.startswith(VOCABULARIES)}


def test_a_receipt_says_what_was_said_to_whom_and_until_when(page: Visitor, guardian: User, school: School) -> None:
    page.post("/consents/email/give", {"notice": ENGLISH})
    page.post("/consents/email/withdraw")

    given, withdrawn = downloads(page, guardian)

    yes, no = gate.consents_of(guardian.id)
    assert (given["@type"], given["dpv:hasIdentifier"]) == ("dpv:ConsentReceipt", str(yes.event_id))
    assert given["dct:conformsTo"] == {"@id": "dpv-27560:receipt-eu-gdpr"}
    (record,) = given["dpv:hasRecordOfActivity"]
    assert record["@type"] == "dpv:ConsentRecord"
    assert record["dpv:hasDataSubject"]["@id"] == f"urn:uuid:{guardian.id}"
    assert record["dpv:hasDataController"]["dpv:hasName"] == "OŠ Reka"
    (process,) = record["dpv:hasProcess"]
    assert process["dpv:hasPurpose"] == [{"@id": "dpv:DirectMarketing"}]
    assert process["dpv:hasLegalBasis"] == [{"@id": "eu-gdpr:A6-1-a"}]
    assert process["dpv:hasPersonalData"] == [{"@id": "pd:EmailAddress"}]
    (notice,) = record["dpv:hasNotice"]
    assert notice["dct:hasVersion"] == "1"
    assert notice["dct:description"]["@value"].startswith("I agree that the company")
    (control,) = record["dpv:hasConsentControl"]
    assert control["dpv:isExercisedAt"] == "http://os-reka.localhost/consents/"
    (status,) = record["dpv:hasConsentStatus"]
    assert status["@type"] == "dpv:ConsentGiven"
    assert status["dpv:isIndicatedAtTime"].endswith("Z")
    assert status["dpv:hasDuration"]["rdf:value"] == "2027-08-31T22:00:00Z"  # midnight of 1 September in Ljubljana
    statuses = withdrawn["dpv:hasRecordOfActivity"][0]["dpv:hasConsentStatus"]
    assert [status["@type"] for status in statuses] == ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"]
    assert withdrawn["dpv:hasIdentifier"] == str(no.event_id)


def test_a_receipt_is_the_same_whenever_it_is_asked_for(page: Visitor, guardian: User) -> None:
    page.post("/consents/email/give", {"notice": ENGLISH})
    (first,) = downloads(page, guardian)
    page.post("/consents/email/withdraw")

    assert downloads(page, guardian)[0] == first


def test_a_receipt_names_no_address_and_no_name_of_a_person(page: Visitor, guardian: User) -> None:
    page.post("/consents/email/give", {"notice": ENGLISH})

    text = json.dumps(downloads(page, guardian))

    assert "family.example" not in text
    assert guardian.family_name not in text


@pytest.mark.parametrize("country", ["SI", "PL", "UA"])
def test_every_term_is_in_the_list_of_dpv_and_the_list_holds_nothing_else(
    page: Visitor, guardian: User, school: School, country: str
) -> None:
    page.post("/consents/email/give", {"notice": ENGLISH})
    page.post("/consents/email/withdraw")
    page.post("/consents/sms/give", {"notice": ENGLISH})
    refuse_consent(guardian=guardian, channel="sms")
    school.country = country
    consents = consents_for(guardian)
    listed: dict[str, str] = json.loads((files("opt_in") / "dpv_terms.json").read_text())["terms"]

    used = terms_in(
        [
            receipt_of(event, consents=consents, guardian=guardian, school=school, exercised_at="https://example.com/")
            for event in consents.events
        ]
    )

    assert used <= set(listed)
    assert {term: CONTEXT[term.split(":")[0]] + term.split(":")[1] for term in used} == {
        term: listed[term] for term in used
    }
    elsewhere = {"loc:SI", "loc:PL", "loc:UA", "eu-gdpr:A6-1-a", "dpv:ExplicitlyExpressedConsent"}
    elsewhere |= {term for term in listed if term.startswith("dpv-27560:")}
    assert set(listed) - used <= elsewhere


def test_a_receipt_reads_well_for_people_too(page: Visitor, guardian: User) -> None:
    page.post("/consents/email/give", {"notice": ENGLISH})
    (event,) = gate.consents_of(guardian.id)

    content = page.get(f"/consents/{event.event_id}/").content.decode()

    assert "You said yes: Offers by e-mail" in content
    assert "I agree that the company" in content
    assert "31 Aug 2027" in content
    assert "&quot;dpv:ConsentReceipt&quot;" in content
