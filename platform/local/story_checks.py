"""What must have come of the story, and the table that shows it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from local.mailbox import Mail
from local.prepare import SCHOOLS

REKA, BRZOZOWA, SOSNY, SLONECZKO = (school.subdomain for school in SCHOOLS)
# A school that is refused as a whole has one code, and no guardian's record is touched.
REFUSED_AS_A_WHOLE = {
    REKA: "DENY_COUNCIL_OPPOSED",
    SOSNY: "DENY_SCHOOL_NOT_AUTHORISED",
    SLONECZKO: "DENY_SCHOOL_NOT_LIVE",
}
VENDOR_SENDER = "offers@zgoda.example"


@dataclass(frozen=True, slots=True)
class Verified:
    """What zgoda-verify said of SP Brzozowa's ledger, and of the same with one byte changed."""

    leaves: list[dict[str, Any]]
    accepted: bool
    refused: bool
    words: str


@dataclass(frozen=True, slots=True)
class Played:
    """Everything the story left behind that can be checked."""

    agreed: int
    campaign: str
    verdicts: dict[str, list[str]]
    revoked_at: datetime
    handed_over: int
    counts: dict[str, dict[str, Any]]
    proposals: dict[str, dict[str, Any]]
    director_told_at: datetime
    offers: list[Mail]
    withdrawn: list[str]
    vendor_reads: list[str]
    verified: Verified


@dataclass(frozen=True, slots=True)
class Outcome:
    """One sentence that must be true."""

    sentence: str
    holds: bool
    found: str = ""


def check(played: Played) -> list[Outcome]:
    return [*_refusals(played), *_mails(played), *_revocation(played), *_afterwards(played)]


def _refusals(played: Played) -> list[Outcome]:
    outcomes = []
    for school, code in REFUSED_AS_A_WHOLE.items():
        verdicts = [row for row in played.proposals[school]["proposals"] if row["campaign"] == played.campaign]
        outcomes.append(
            Outcome(
                f"{_name(school)} is refused as a whole: {code.removeprefix('DENY_')}",
                [row["code"] for row in verdicts] == [code] and verdicts[0]["verdict"] == "DENY",
                str(verdicts),
            )
        )
        messages = played.counts[school]["messages"]
        outcomes.append(Outcome(f"{_name(school)}: no guardian's record was touched", messages == [], str(messages)))
    told = sorted(code for _, code in played.verdicts.values() if code)
    expected = sorted([*REFUSED_AS_A_WHOLE.values(), "HOLD_AWAITING_DIRECTOR"])
    outcomes.append(Outcome("The vendor was told one verdict for each school", told == expected, str(told)))
    return outcomes


def _mails(played: Played) -> list[Outcome]:
    allowed = _decisions(played, "ALLOW")
    senders = {str(mail.message["From"]) for mail in played.offers}
    readers = [mail.recipients for mail in played.offers]
    names = [name for school in SCHOOLS for name in (school.name, school.subdomain)]
    return [
        Outcome(
            "Offers in the mailbox are exactly the decisions that allowed one",
            len(played.offers) == len(allowed) > 0,
            f"{len(played.offers)} mails, {len(allowed)} decisions",
        ),
        Outcome("Nobody got the offer twice", len({tuple(to) for to in readers}) == len(readers)),
        Outcome(
            "Every offer is sent by the vendor and none is signed by a school",
            all(VENDOR_SENDER in sender for sender in senders)
            and not any(name in sender for sender in senders for name in names),
            str(senders),
        ),
        Outcome(
            "Every offer has the one-click way out",
            all(mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" for mail in played.offers),
        ),
        Outcome(
            "Only guardians who had said yes were decided upon",
            len(played.offers) <= played.agreed,
            f"{len(played.offers)} of {played.agreed}",
        ),
    ]


def _revocation(played: Played) -> list[Outcome]:
    late = [leaf for leaf in _decisions(played, "ALLOW") if _moment(leaf["at"]) > played.revoked_at]
    reached = sum(row["count"] for row in played.counts[BRZOZOWA]["messages"] if row["state"] == "sent")
    guardians = played.counts[BRZOZOWA]["guardians"]
    return [
        Outcome("No decision after the revocation is ALLOW", not late, f"{len(late)} late ones"),
        Outcome(
            "The revocation stopped the greater part",
            10 <= reached < played.agreed,
            f"{reached} of {played.agreed} had been reached",
        ),
        Outcome(
            "The director was told truly how many had already been handed over",
            played.handed_over == reached,
            f"told {played.handed_over}, reached {reached}",
        ),
        Outcome(
            "Every guardian of SP Brzozowa is accounted for",
            sum(row["count"] for row in played.counts[BRZOZOWA]["messages"]) == guardians,
        ),
    ]


def _afterwards(played: Played) -> list[Outcome]:
    return [
        Outcome(
            "OŠ Reka's director sees the attempt",
            any(row["campaign"] == played.campaign for row in played.proposals[REKA]["proposals"]),
        ),
        Outcome(
            "and was told of it before any parent heard of it",
            all(played.director_told_at < mail.received_at for mail in played.offers),
        ),
        Outcome("One click withdrew that guardian's yes", played.withdrawn[-1:] == ["withdraw"], str(played.withdrawn)),
        Outcome("The vendor's login sees no person", not played.vendor_reads, ", ".join(played.vendor_reads)),
        Outcome("zgoda-verify accepts the exported ledger", played.verified.accepted, played.verified.words),
        Outcome("zgoda-verify refuses it with one byte changed", played.verified.refused, played.verified.words),
    ]


def _decisions(played: Played, verdict: str) -> list[dict[str, Any]]:
    """The leaves that decided about this campaign."""
    leaves = [line["leaf"] for line in played.verified.leaves if line["stream"] == "dispatch"]
    return [
        leaf
        for leaf in leaves
        if leaf["act"] == "decide" and leaf["campaign"] == played.campaign and leaf["verdict"] == verdict
    ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _name(subdomain: str) -> str:
    return next(school.name for school in SCHOOLS if school.subdomain == subdomain)


def show(console: Console, played: Played, outcomes: list[Outcome]) -> None:
    table = Table("School", "Guardians", "Reached", "Not reached, and why", title="What came of the campaign")
    for school in SCHOOLS:
        counts = played.counts[school.subdomain]
        states = Counter({row["state"]: 0 for row in counts["messages"]})
        reasons: Counter[str] = Counter()
        for row in counts["messages"]:
            states[row["state"]] += row["count"]
            if row["code"]:
                reasons[row["code"]] += row["count"]
        as_a_whole = REFUSED_AS_A_WHOLE.get(school.subdomain)
        why = [f"the school as a whole: {as_a_whole}"] if as_a_whole else []
        why += [f"{count} {code}" for code, count in sorted(reasons.items())]
        table.add_row(school.name, str(counts["guardians"]), str(states["sent"]), "\n".join(why))
    console.print()
    console.print(table)
    console.print()
    for outcome in outcomes:
        mark = "[green]yes[/green]" if outcome.holds else "[bold red]NO [/bold red]"
        console.print(f"  {mark} {outcome.sentence}" + ("" if outcome.holds else f" — {outcome.found}"))
    kept = sum(outcome.holds for outcome in outcomes)
    leaves = len(played.verified.leaves)
    console.print(f"\n  {kept} of {len(outcomes)} hold; SP Brzozowa's ledger has {leaves} leaves.\n")
