"""Random values as SQL literals: half of them real ids of schools, people and messages, the others nonsense."""

import json
import random
from uuid import UUID

_TEXTS = (
    *("email", "sms", "in_app", "vendor_offers", "school_info", "guardians", "portal", "mail_link"),
    *("positive", "negative", "sent", "retry", "failed", "bounced", "stop", "complaint", "bounce", "objection"),
    *("contact.code", "school.message", "vendor.campaign", "campaign.proposed", "authority", "vendor", "dispatch"),
    *("platform", "channel", "campaign", "director", "live", "closed", "approved", "zgoda-offers", "DENY_DUPLICATE"),
    *("", "x' OR true --", "'; DROP TABLE consent.leaf; --", "\\x00", "Europe/Warsaw", "pl"),
)


def quoted(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


class Literals:
    """`ids`, `tokens` and `contents` are real ones, also of schools that are not the attacker's."""

    def __init__(
        self, chance: random.Random, ids: list[str], tokens: list[str], contents: list[str], roles: list[str]
    ) -> None:
        self.chance = chance
        self.ids = ids
        self.tokens = tokens
        self.contents = contents
        self.roles = roles

    def of_type(self, kind: str) -> str:
        if self.chance.random() < 0.04:
            return f"NULL::{kind}"
        base = kind.removesuffix("[]")
        if base != kind:
            items = ", ".join(self._plain(base) for _ in range(self.chance.randint(0, 3)))
            return f"ARRAY[{items}]::{kind}"
        return self._plain(kind)

    def _plain(self, kind: str) -> str:
        chance = self.chance
        match kind:
            case "uuid":
                return f"'{self._id()}'::uuid"
            case "text":
                return quoted(chance.choice([*_TEXTS, *self.tokens, *self.tokens, *self.roles]))
            case "integer" | "bigint" | "smallint":
                return f"{chance.choice((-1, 0, 1, 1, 2, 5, 10, 100, 1000, 2147483647))}::{kind}"
            case "boolean":
                return chance.choice(("true", "false"))
            case "date":
                return f"(current_date + {chance.choice((-400, -1, 0, 0, 1, 400))})"
            case "timestamp with time zone":
                return chance.choice(
                    ("now()", "now() + interval '1 day'", "now() - interval '1 day'", "'infinity'::timestamptz")
                )
            case "bytea":
                return chance.choice(
                    (
                        f"'\\x{chance.choice(self.contents)}'::bytea",
                        f"'\\x{chance.randbytes(32).hex()}'::bytea",
                        "''::bytea",
                    )
                )
            case "jsonb":
                return f"{quoted(json.dumps(self._document()))}::jsonb"
            case _:
                return f"NULL::{kind}"

    def _id(self) -> str:
        if self.chance.random() < 0.1:
            return str(UUID(bytes=self.chance.randbytes(16), version=4))
        return self.chance.choice(self.ids)

    def _document(self) -> object:
        chance = self.chance
        roles = chance.choice((["guardian"], ["director"], ["council_chair"], ["pupil", "guardian"], ["root"]))
        subject = {"subject_id": self._id(), "roles": roles, "is_adult": True, "is_active": True, "language": "pl"}
        contact = {
            "contact_id": self._id(),
            "subject_id": self._id(),
            "channel": chance.choice(("email", "sms")),
            "version": chance.choice((1, 2, 99)),
            "sealed": "c2VhbGVk",
            "address_hash": chance.randbytes(32).hex(),
            "verified_at": "2026-01-01T00:00:00Z",
            "provenance": "self",
            "is_active": chance.random() < 0.8,
        }
        campaign = {
            "campaign_id": chance.choice((None, None, self._id())),
            "sender": chance.choice(("zgoda-offers", "platform", "school:x")),
            "purpose": "vendor_offers",
            "product": "plus",
            "channels": ["email"],
            "audience": "guardians",
            "not_before": None,
            "expires_at": "2027-08-01T00:00:00Z",
            "texts": {"email": {"pl": {"subject": "Offer", "body": "Packages"}}},
            "targets": {"countries": ["PL"], "schools": [self._id(), self._id()]},
        }
        return chance.choice(
            ([subject], [subject, subject], [contact], campaign, campaign, {"pl": "SP Nowa"}, [], {}, 1, "x")
        )
