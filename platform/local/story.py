"""The story of September 2020, played so that it must end otherwise: four schools, one campaign, and who stops it.

Each act is a management command in a process of its own, with that process's settings and secret; the vendor's acts
have nothing but the vendor's login. What the acts left behind is then checked, and the exit code says whether it holds.
"""

import json
import re
import sys
import urllib.request
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from rich.console import Console

from local.mailbox import Mail, Mailbox
from local.places import STATE
from local.prepare import SCHOOLS
from local.story_acts import ActFailed, Stage, wait_for
from local.story_checks import Played, Verified, check, show

CAMPAIGN = Path(__file__).parent / "cast" / "campaign.json"
REKA, BRZOZOWA, SOSNY, SLONECZKO = (school.subdomain for school in SCHOOLS)
REVOKE_AFTER = 10
# What the dispatcher may send a second while the story plays, so that a person can revoke in the middle.
PACE = 20
_CODE = re.compile(r"\b\d{6,8}\b")


def main(state: Path = STATE) -> int:
    """Play, print, check. Returns the exit code."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 110
    console.print("\n[bold]September 2020, this time with two keys[/bold]\n")
    played = play(state, lambda line: console.print(f"  {line}", markup=False))
    outcomes = check(played)
    show(console, played, outcomes)
    return 0 if all(outcome.holds for outcome in outcomes) else 1


def play(state: Path, tell: Callable[[str], None]) -> Played:
    stage = Stage(state)
    mailbox = Mailbox(state / "mail")

    for school in (REKA, BRZOZOWA, SOSNY):
        stage.act("school", "go_live", school)
    tell("OŠ Reka, SP Brzozowa and Himnaziia Sosny went live; Przedszkole Słoneczko is still onboarding.")
    _verify_addresses(stage, mailbox, REKA, "director")
    stage.act("school", "record_resolution", REKA, "negative", "--votes-for", "0", "--votes-against", "12")
    tell("OŠ Reka: the Parents' Council opposed offers, 12 to 0.")
    _allow(stage, tell)
    agreed = _agree(stage, mailbox, tell)

    campaign = stage.act("vendor", "propose_campaign", str(CAMPAIGN))["campaign"]
    tell("The vendor proposed one campaign to all four schools.")
    verdicts = wait_for("The keeper's verdicts", lambda: _verdicts(stage, campaign))
    told = wait_for("The mail to OŠ Reka's director", lambda: _told(mailbox, campaign))
    tell("The keeper wrote each school's verdict, and OŠ Reka's director got a mail about the attempt.")
    stage.act("school", "approve_campaign", BRZOZOWA, campaign)
    tell("SP Brzozowa: the director approved exactly this content.")

    wait_for("The tenth offer", lambda: _offers(mailbox) if len(_offers(mailbox)) >= REVOKE_AFTER else None)
    revocation = stage.act("school", "revoke_offers", BRZOZOWA)
    tell(f"SP Brzozowa revoked: effective at once; {revocation['handed_over']} messages had already been handed over.")
    # Every claim of before has become a mail, and no queued message is left that the sweeper would not have cancelled.
    wait_for("The end of all messages", lambda: _ended(stage, campaign))
    offers = _offers(mailbox)
    withdrawn = _withdraw(stage, offers[0], tell)

    return Played(
        agreed=agreed,
        campaign=campaign,
        verdicts=verdicts,
        revoked_at=datetime.fromisoformat(revocation["effective_at"]),
        handed_over=revocation["handed_over"],
        counts={school.subdomain: _counts(stage, school.subdomain, campaign) for school in SCHOOLS},
        proposals={school.subdomain: stage.act("school", "list_proposals", school.subdomain) for school in SCHOOLS},
        director_told_at=told.received_at,
        offers=offers,
        withdrawn=withdrawn,
        vendor_reads=_vendor_looks(stage),
        verified=_verify(stage, tell),
    )


def _allow(stage: Stage, tell: Callable[[str], None]) -> None:
    stage.act("school", "appoint_chair", BRZOZOWA)
    resolution = stage.act(
        "school", "record_resolution", BRZOZOWA, "positive", "--votes-for", "14", "--votes-against", "2"
    )
    stage.act("school", "confirm_resolution", BRZOZOWA, resolution["resolution"])
    tell("SP Brzozowa: the Parents' Council agreed, 14 to 2, and its chair confirmed that.")
    stage.act("school", "authorise_offers", BRZOZOWA)
    tell("SP Brzozowa: the director authorised offers of the Plus package by e-mail.")


def _agree(stage: Stage, mailbox: Mailbox, tell: Callable[[str], None]) -> int:
    asked = _verify_addresses(stage, mailbox, BRZOZOWA, "guardian", "--every", "3")
    tell(f"SP Brzozowa: {asked} guardians, a third of those with an address, asked for a code and entered it …")
    said_yes: int = stage.act("school", "say_yes", BRZOZOWA)["said_yes"]
    tell(f"… and all {said_yes} of them said yes to offers by e-mail.")
    return said_yes


def _verify_addresses(stage: Stage, mailbox: Mailbox, school: str, *who: str) -> int:
    """Ask for codes, read them in the mails that arrive, enter them; returns how many."""
    before = set(mailbox.names())
    asked: int = stage.act("school", "request_codes", school, *who)["asked"]

    def codes() -> dict[str, str] | None:
        mails = [mailbox.read(name) for name in mailbox.names() if name not in before]
        found = {mail.recipients[0]: match.group() for mail in mails if (match := _CODE.search(mail.text or ""))}
        return found if len(found) >= asked else None

    received = wait_for("The codes", codes)
    stage.act("school", "enter_codes", school, stdin=json.dumps(received))
    return asked


def _is_offer(mail: Mail) -> bool:
    return "List-Unsubscribe" in mail.message


def _told(mailbox: Mailbox, campaign: str) -> Mail | None:
    """The platform's notice to a director; it names the campaign."""
    return next((mail for mail in mailbox.mails() if not _is_offer(mail) and campaign in (mail.text or "")), None)


def _offers(mailbox: Mailbox) -> list[Mail]:
    return [mail for mail in mailbox.mails() if _is_offer(mail)]


def _verdicts(stage: Stage, campaign: str) -> dict[str, list[str]] | None:
    verdicts: dict[str, list[str]] = stage.act("vendor", "campaign_verdicts", campaign)["verdicts"]
    return verdicts if len(verdicts) == len(SCHOOLS) else None


def _counts(stage: Stage, school: str, campaign: str) -> dict[str, object]:
    return stage.act("school", "count_messages", school, campaign)


def _ended(stage: Stage, campaign: str) -> bool | None:
    counts = stage.act("school", "count_messages", BRZOZOWA, campaign)
    states = {row["state"] for row in counts["messages"]}
    return True if states and not states & {"queued", "claimed"} else None


def _withdraw(stage: Stage, offer: Mail, tell: Callable[[str], None]) -> list[str]:
    """One click, as a mail program does it: RFC 8058."""
    (url,) = re.findall(r"<(http[^>]+)>", str(offer.message["List-Unsubscribe"]))
    click = urllib.request.Request(url, data=b"List-Unsubscribe=One-Click", method="POST")  # noqa: S310
    with urllib.request.urlopen(click, timeout=10) as answer:  # noqa: S310
        answer.read()
    tell("One guardian withdrew by one click in the mail program.")
    acts: list[str] = stage.act("school", "show_consents", BRZOZOWA, offer.recipients[0])["acts"]
    return acts


def _vendor_looks(stage: Stage) -> list[str]:
    """The vendor's login, with psql, tries each table outside its own schemas; returns those it could read."""
    listed = stage.psql_as_vendor(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'public', 'vendor');"
    )
    tables = listed.splitlines()
    if not any(table.endswith(".people_user") for table in tables):
        raise ActFailed("The vendor's look at the schools' tables found none: it proves nothing.")
    # psql goes on after an error, so what is printed is what could be read.
    return stage.psql_as_vendor(
        "".join(f"SELECT '{table}' FROM (SELECT count(*) FROM {table}) AS readable;\n" for table in tables)  # noqa: S608
    ).splitlines()


def _verify(stage: Stage, tell: Callable[[str], None]) -> Verified:
    export = stage.state / "story-ledger.jsonl"
    export.unlink(missing_ok=True)
    done = stage.run("school", "manage.py", "export_ledger", BRZOZOWA, str(export))
    accepted = stage.run("witness", "zgoda-verify", str(export)) if done.returncode == 0 else done
    original = export.read_bytes()
    changed = bytearray(original)
    # One byte in the middle: one letter of one leaf.
    changed[len(changed) // 2] ^= 1
    forged = export.with_name("story-ledger-changed.jsonl")
    forged.write_bytes(bytes(changed))
    refused = stage.run("witness", "zgoda-verify", str(forged))
    tell("The ledger was exported and checked by zgoda-verify, and again with one byte changed.")
    return Verified(
        leaves=[json.loads(line) for line in original.decode().splitlines()[1:]],
        accepted=accepted.returncode == 0,
        refused=refused.returncode == 1,
        words=(refused.stdout + refused.stderr).strip(),
    )


if __name__ == "__main__":
    sys.exit(main())
