"""The table of rules, policy version 1, and the verdict that follows from it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from opt_in.explanation import of_the_reader as reader
from opt_in.explanation import of_the_school as school
from opt_in.explanation.facts import World


@dataclass(frozen=True, slots=True)
class Rule:
    """What the rule needs, of which messages, and the check that yields the code of everything that is not so."""

    number: int
    of: frozenset[str] | None
    needs: str
    check: Callable[[World, datetime], Iterator[str]]

    def codes(self, w: World, now: datetime) -> tuple[str, ...]:
        if self.of is None or w.message.message_class in self.of or (w.is_offer and OFFER in self.of):
            return tuple(self.check(w, now))
        return ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule said about one message."""

    rule: Rule
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` is the primary one; None exactly when the verdict is ALLOW."""

    verdict: str
    code: str | None
    codes: tuple[str, ...]

    @classmethod
    def of(cls, codes: Iterable[str]) -> "Verdict":
        """Any DENY wins, then any HOLD; the primary code is the first of the kind that won."""
        found = tuple(codes)
        primary = next((code for code in found if code.startswith("DENY")), found[0] if found else None)
        return cls("ALLOW" if primary is None else primary[:4], primary, found)


OFFER = "vendor_marketing"  # and whatever carries a campaign under another name
OFFERS = frozenset({OFFER})
OWN = frozenset({"school_service", "school_info"})
EVERY = None  # also of a class that nobody knows

# In the order in which codes are listed: the Council's no stands before what an instruction lacks.
RULES: tuple[Rule, ...] = (
    Rule(0, EVERY, "everything that must be known is known", school.inputs),
    Rule(1, EVERY, "a registered kind of message, in its own class", school.message_class),
    Rule(2, EVERY, "the origin of its kind; what comes from a campaign is the vendor's", school.origin),
    Rule(3, EVERY, "a sender of that origin; in an offer, no school's name", school.sender),
    Rule(4, OFFERS | OWN, "no kill switch", school.kill_switch),
    Rule(5, OFFERS | OWN, "a school that is live", school.live),
    Rule(8, OFFERS, "a Parents' Council that did not say no", school.opposed),
    Rule(7, OFFERS, "the school's instruction, live now, covering purpose, product, channel", school.instruction),
    Rule(8, OFFERS, "the Council's latest resolution: in favour, confirmed, of this school year", school.council),
    Rule(9, OFFERS, "the director's approval of exactly this content", school.approval),
    Rule(10, OFFERS | OWN, "an active adult guardian; for the school's own messages, an active person", reader.person),
    Rule(11, EVERY, "no bounce; for an offer, no objection, complaint or STOP either", reader.suppressions),
    Rule(12, OFFERS | {"school_info"}, "the guardian's own latest yes for purpose and channel", reader.grant),
    Rule(13, OFFERS | OWN, "a verified contact; for an offer, the one named in that yes, unchanged", reader.contact),
    Rule(14, OFFERS, "a working way out", reader.way_out),
    Rule(15, EVERY, "that it was not sent before", reader.once),
    Rule(16, OFFERS | OWN, "that it is neither too late nor too early", reader.in_time),
)


def examine(w: World, now: datetime, rules: Sequence[Rule] = RULES) -> tuple[Finding, ...]:
    """Every rule and what it says, for a page that shows them all."""
    return tuple(Finding(rule, rule.codes(w, now)) for rule in rules)


def decide(w: World, now: datetime, rules: Sequence[Rule] = RULES) -> Verdict:
    """The verdict on one message by itself."""
    return Verdict.of(code for rule in rules for code in rule.codes(w, now))


def decide_together(worlds: Iterable[World], now: datetime, rules: Sequence[Rule] = RULES) -> dict[UUID, Verdict]:
    """A batch as it would be claimed: of two messages that are the same to their reader, only the first may go."""
    verdicts: dict[UUID, Verdict] = {}
    gone: set[object] = set()
    for w in sorted(worlds, key=lambda w: w.message.envelope_id):
        verdict = decide(w, now, rules)
        key = w.message.reader if w.message.campaign_id else w.message.twin if w.message.dedupe_key else None
        if verdict.verdict == "ALLOW" and key is not None:
            if key in gone:
                verdict = Verdict.of(["DENY_DUPLICATE"])
            gone.add(key)
        verdicts[w.message.envelope_id] = verdict
    return verdicts
