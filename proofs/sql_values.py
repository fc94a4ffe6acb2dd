"""Random values as SQL literals: real ids of schools, people and messages, and nonsense."""

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


# Which id an argument of this name is about, and what else fits it.
_ABOUT = {
    "actor": ("director", "director", "chair", "guardian"),
    "subject": ("guardian", "guardian", "director"),
    "contact_id": ("contact",),
    "campaign_id": ("campaign",),
    "envelope_id": ("envelope",),
    "ids": ("envelope",),
    "resolution_id": ("resolution",),
    "school": ("school",),
    "school_id": ("school",),
}
_FITTING = {
    "notice_id": ("'0b6f0a52-4d0c-4b0e-9d67-0d8b7a6c1e01'::uuid",),
    "purpose": ("'vendor_offers'", "'school_info'"),
    "purposes": ("ARRAY['vendor_offers']",),
    "products": ("ARRAY['plus']", "ARRAY['plus', 'max']"),
    "channels": ("ARRAY['email']",),
    "channel": ("'email'",),
    "audience": ("'guardians'",),
    "outcome": ("'positive'", "'negative'", "'sent'", "'failed'", "'bounced'", "'retry'"),
    "capture": ("'portal'",),
    "kind": ("'school.message'", "'contact.code'", "'vendor.campaign'"),
    "reason": ("'stop'", "'complaint'", "'bounce'", "'objection'"),
    "stream": ("'authority'", "'dispatch'", "'vendor'"),
    "decided_on": ("current_date",),
    "votes_for": ("9",),
    "votes_against": ("1",),
    "votes_abstained": ("0",),
    "dedupe_key": ("NULL",),
    "not_before": ("NULL",),
    "expires_at": ("NULL",),
    "valid_from": ("NULL",),
    "valid_to": ("NULL",),
    "minutes_sha256": ("NULL",),
    "address_hash": ("sha256('x')",),
    "fingerprint": ("sha256('x')", "sha256('y')"),
    "sealed": ("'sealed'::bytea",),
    "event_id": ("1", "2"),
    "params": ("'sealed'::bytea",),
    "from_seq": ("1",),
    "max": ("10", "1000"),
    "shard": ("0",),
    "shards": ("1",),
    "scope": ("'platform'",),
    "key": ("''",),
    "names": ("""'{"pl": "SP Nowa"}'::jsonb""",),
    "country": ("'PL'",),
    "languages": ("ARRAY['pl']",),
    "time_zone": ("'Europe/Warsaw'",),
}


class Literals:
    """Values from one's own school and, nearly as often, real ones of others. Members come with their ids by name."""

    def __init__(
        self,
        chance: random.Random,
        members: list[dict[str, list[str]]],
        tokens: list[str],
        contents: list[str],
        roles: list[str],
    ) -> None:
        self.chance = chance
        self.members = members
        self.ids = [one for member in members for ids in member.values() for one in ids]
        self.tokens = tokens
        self.contents = contents
        self.roles = roles

    def of_call(self, names: tuple[str, ...], types: tuple[str, ...]) -> str:
        """Arguments that fit their names and belong to one school, or anything of the right type."""
        if self.chance.random() < 0.35:
            return ", ".join(self.of_type(kind) for kind in types)
        member = self.chance.choice([self.members[0], *self.members])
        return ", ".join(self._fitting(name, kind, member) for name, kind in zip(names, types, strict=True))

    def _fitting(self, name: str, kind: str, member: dict[str, list[str]]) -> str:
        if name in _ABOUT:
            one = f"'{self.chance.choice(member[self.chance.choice(_ABOUT[name])])}'::uuid"
            return f"ARRAY[{one}]" if kind == "uuid[]" else one
        if name == "token":
            return quoted(self.chance.choice(self.tokens))
        if name == "content_sha256":
            return f"'\\x{self.chance.choice(self.contents)}'::bytea"
        return self.chance.choice(_FITTING[name]) if name in _FITTING else self.of_type(kind)

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
