"""A request that the keeper refuses as it was written, and why: in the operator's language."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from psycopg.types.json import Jsonb

from opt_in import gate
from opt_in.console.refusals import refusal_said
from tests.vendor.test_verdicts import as_login, text_of

KEEPER = Path(gate.__file__).parent / "sql" / "70_keeper_judge.sql"
# Said of a stop, which has no page of its own.
NOT_OF_A_PROPOSAL = {"There is no such running campaign."}


def refused(**changes: Any) -> UUID:
    body = {
        "sender": "zgoda-offers",
        "purpose": "vendor_offers",
        "product": "plus",
        "channels": ["email"],
        "audience": "guardians",
        "texts": {"email": {"sl": {"subject": "Plus", "body": "Pozdravljeni"}}},
        "targets": {"countries": ["SI"], "schools": None},
    } | changes
    with as_login("app_vendor") as vendor, as_login("app_keeper") as keeper:
        found = vendor.execute("SELECT consent.propose(%s)", [Jsonb(body)]).fetchone()
        keeper.execute("SELECT consent.judge(100)")
    assert found is not None
    return UUID(str(found[0]))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"channels": ["email", "email"]}, "Kanal je naveden dvakrat."),
        ({"channels": ["fax"]}, "Noben kanal ni naveden ali pa ga ne poznamo."),
        ({"expires_at": "tomorrow perhaps"}, "Ni je bilo mogoče prebrati"),
    ],
)
def test_why_a_request_was_refused_is_said_in_the_readers_language(
    olga: Client, changes: dict[str, Any], said: str
) -> None:
    campaign = refused(**changes)

    page = text_of(olga.get(f"/campaigns/{campaign}/?language=sl").content)

    assert said in page


def test_everything_that_the_keeper_says_has_words_for_people() -> None:
    code = re.sub(r"(?m)^\s*--.*$", "", KEEPER.read_text())
    found = re.findall(r"'([A-Za-z][^'\n]* [^'\n]*\.)'", code)
    sentences = {one.replace("%s.%s", "email.sl").replace("%s", "email") for one in found} - NOT_OF_A_PROPOSAL

    assert len(sentences) > 15
    assert {one for one in sentences if one in refusal_said(one)} == set()
