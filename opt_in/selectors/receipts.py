"""A receipt of one consent event: DPV 2.3 in JSON-LD, in the shape of ISO/IEC TS 27560.

A receipt holds a copy of the record: purpose, channel, text, and every word said so far on that channel. Sources: the
profiles of https://w3id.org/dpv/schema/dpv-27560 and the guide https://w3id.org/dpv/guides/consent-27560. Each term in
use is listed in opt_in/dpv_terms.json. Where the data is stored is left out, though the record of the standard names
it: the product does not know where it is run.
"""

from datetime import UTC, datetime
from typing import Any

from opt_in.gate.types import ConsentEvent, Notice
from opt_in.selectors.consents import Consents
from tenants.people.models import Channel, User
from tenants.schools.models import School

CONTEXT = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "dpv-27560": "https://w3id.org/dpv/schema/dpv-27560#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "pd": "https://w3id.org/dpv/pd#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
STATUS = {"give": "dpv:ConsentGiven", "refuse": "dpv:ConsentRefused", "withdraw": "dpv:ConsentWithdrawn"}
PERSONAL_DATA = {Channel.EMAIL.value: "pd:EmailAddress", Channel.SMS.value: "pd:TelephoneNumber"}
# Where the GDPR is the law of consent. Elsewhere the receipt follows the general profile.
GDPR_COUNTRIES = frozenset({"SI", "PL"})
VENDOR = "Zgoda"


def receipt_of(
    event: ConsentEvent, *, consents: Consents, guardian: User, school: School, exercised_at: str
) -> dict[str, Any]:
    """The same for the same event, whenever it is asked for. `exercised_at` is the address of the person's consents."""
    so_far = consents.events[consents.events.index(event) :]
    said = [other for other in reversed(so_far) if other.channel == event.channel]
    notices = [_notice(other, consents.notice(other.notice_id)) for other in said if other.notice_id]
    is_gdpr = school.country in GDPR_COUNTRIES
    return {
        "@context": CONTEXT,
        "@id": f"urn:uuid:{event.event_id}",
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": {"@id": "dpv-27560:receipt-eu-gdpr" if is_gdpr else "dpv-27560:receipt"},
        "dpv:hasIdentifier": str(event.event_id),
        "dct:created": _utc(event.made_at),
        "dpv:hasRecordOfActivity": [
            {
                "@id": f"urn:uuid:{said[0].event_id}#record",
                "@type": "dpv:ConsentRecord",
                "dct:conformsTo": {"@id": "dpv-27560:record-eu-gdpr" if is_gdpr else "dpv-27560:record"},
                "dpv:hasIdentifier": str(said[0].event_id),
                "dct:created": _utc(said[0].made_at),
                "dpv:hasDataSubject": {"@id": f"urn:uuid:{guardian.id}", "@type": "dpv:DataSubject"},
                "dpv:hasDataController": {
                    "@id": f"urn:uuid:{school.id}",
                    "@type": "dpv:DataController",
                    "dpv:hasName": school.names[school.languages[0]],
                },
                "dpv:hasDataProcessor": {"@type": "dpv:DataProcessor", "dpv:hasName": VENDOR},
                "dpv:hasJurisdiction": {"@id": f"loc:{school.country}"},
                "dpv:hasProcess": [_process(event, is_gdpr=is_gdpr)],
                "dpv:hasNotice": notices,
                "dpv:hasConsentControl": [{"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": exercised_at}],
                "dpv:hasConsentStatus": [_status(other, guardian) for other in said],
            }
        ],
    }


def _process(event: ConsentEvent, *, is_gdpr: bool) -> dict[str, Any]:
    process: dict[str, Any] = {
        "@type": "dpv:Process",
        "dpv:hasPurpose": [{"@id": "dpv:DirectMarketing"}],
        "dpv:hasLegalBasis": [{"@id": "eu-gdpr:A6-1-a" if is_gdpr else "dpv:ExplicitlyExpressedConsent"}],
        "dpv:hasPersonalData": [{"@id": PERSONAL_DATA[event.channel]}],
        "dpv:hasRecipient": [{"@type": "dpv:DataProcessor", "dpv:hasName": VENDOR}],
    }
    if event.expires_at is not None:
        process["dpv:hasStorageCondition"] = [
            {"@type": "dpv:StorageDuration", "dpv:hasDuration": _until(event.expires_at)}
        ]
    return process


def _notice(event: ConsentEvent, notice: Notice | None) -> dict[str, Any]:
    """The text that was agreed to. Of one that is no longer in force the gate keeps the words, and we its number."""
    shown: dict[str, Any] = {"@id": f"urn:uuid:{event.notice_id}", "@type": "dpv:ConsentNotice"}
    if notice is not None:
        shown |= {
            "dct:language": notice.language,
            "dct:hasVersion": str(notice.version),
            "dct:description": {"@value": notice.body, "@language": notice.language},
        }
    return shown


def _status(event: ConsentEvent, guardian: User) -> dict[str, Any]:
    by_self = event.actor == guardian.id
    status: dict[str, Any] = {
        "@id": f"urn:uuid:{event.event_id}#status",
        "@type": STATUS[event.act],
        "dpv:isIndicatedAtTime": _utc(event.made_at),
        "dpv:isIndicatedBy": {"@id": f"urn:uuid:{guardian.id if by_self else event.actor}"},
        "dpv:hasIndicationMethod": event.capture,
    }
    if event.expires_at is not None:
        status["dpv:hasDuration"] = _until(event.expires_at)
    return status


def _until(moment: datetime) -> dict[str, Any]:
    return {"@type": "dpv:UntilTimeDuration", "rdf:value": _utc(moment)}


def _utc(moment: datetime) -> str:
    """ISO 8601 in UTC, as the standard asks."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
