"""The ledger in the browser: readable, complete as a file, and good for a program that is not ours."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from opt_in.gate import keeper
from opt_in.gate import school as gate
from opt_in.leaves import SENTENCES
from opt_in.services import ledger as ledger_service
from opt_in.services.resolutions import Vote, record_resolution
from tenants.people.models import User
from tenants.schools.models import School, Stage
from tenants.schools.services.lifecycle import mirror_stage
from tests.surroundings import start_cluster

# of the visitor: school, session, person, roles and overrides; of the page: what it shows, in a fixed number
MOST_QUERIES = 10


@pytest.fixture(autouse=True)
def english(director: User) -> None:
    User.objects.filter(pk=director.pk).update(language="en")


def oppose(director: User, times: int) -> None:
    for votes in range(1, times + 1):
        record_resolution(recorded_by=director, in_favour=False, decided_on=timezone.localdate(), vote=Vote(0, votes))


def content_of(response: object) -> str:
    assert isinstance(response, StreamingHttpResponse)
    return b"".join(response).decode()


def verify(folder: Path, ledger: str, *checkpoints: str) -> subprocess.CompletedProcess[str]:
    """With the program as the page hands it out, in a folder that has nothing else of ours."""
    (folder / "ledger.jsonl").write_text(ledger)
    words = [sys.executable, "-I", str(folder / "zgoda_verify.py"), str(folder / "ledger.jsonl")]
    for number, text in enumerate(checkpoints):
        path = folder / f"checkpoint-{number}.json"
        path.write_text(text)
        words += ["--checkpoint", str(path)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_the_downloaded_ledger_and_program_fit_together(
    browser: Client, director: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_service, "LEAVES_AT_ONCE", 2)
    gate.go_live(actor=director.id)
    oppose(director, 3)
    browser.force_login(director)

    saved = browser.get(reverse("ledger-download"))
    program = browser.get(reverse("verifier"))

    ledger = content_of(saved)
    (tmp_path / "zgoda_verify.py").write_bytes(program.content)
    assert saved["Content-Type"] == "application/jsonl; charset=utf-8"
    assert saved["Content-Disposition"] == 'attachment; filename="ledger.jsonl"'
    assert saved["X-Content-Type-Options"] == program["X-Content-Type-Options"] == "nosniff"
    assert verify(tmp_path, ledger).returncode == 0
    assert verify(tmp_path, ledger.replace("negative", "positive")).returncode == 1
    assert len(ledger.splitlines()) == 1 + sum(head.size for head in gate.ledger_heads())


def test_the_checkpoints_that_the_page_hands_out_are_good_for_the_ledger(
    browser: Client, director: User, school: School, propose: Callable[[], UUID], tmp_path: Path
) -> None:
    """Made by the keeper with its own login, so only what was committed before this test is in them."""
    propose()
    with psycopg.connect(start_cluster().conninfo("app_keeper")) as connection:
        keeper.make_checkpoint(school.id, connection=connection)
    browser.force_login(director)

    page = browser.get(reverse("checkpoints"))
    saved = browser.get(reverse("checkpoints-download"))
    ledger = content_of(browser.get(reverse("ledger-download")))
    (tmp_path / "zgoda_verify.py").write_bytes(browser.get(reverse("verifier")).content)

    points = json.loads(saved.content)
    assert {point["origin"] for point in points} >= {f"zgoda/{school.id}/authority", f"zgoda/{school.id}/vendor"}
    assert all(point["root"] in page.content.decode() for point in points[-2:])
    done = verify(tmp_path, ledger, saved.content.decode())
    assert done.returncode == 0, done.stdout
    assert "witnessed" in done.stdout
    points[0]["root"] = "ab" * 32
    assert verify(tmp_path, ledger, json.dumps(points)).returncode == 1


def test_the_newest_leaves_come_first_and_pages_go_back_to_the_first_one(browser: Client, director: User) -> None:
    oppose(director, 30)
    size = {head.stream: head.size for head in gate.ledger_heads()}["authority"]
    browser.force_login(director)

    pages = [browser.get(reverse("ledger"), {"page": page}).context["page"] for page in (1, 2)]

    shown = [leaf.seq for page in pages for leaf in page]
    assert shown == list(range(size, 0, -1))
    assert pages[0].paginator.num_pages == 2
    assert "(0 for, 30 against)" in pages[0].object_list[0].sentence
    assert json.loads(pages[0].object_list[0].body)["act"] == "resolution"


def test_every_kind_of_leaf_has_a_sentence(browser: Client, director: User, propose: Callable[[], UUID]) -> None:
    propose()
    browser.force_login(director)

    page = browser.get(reverse("ledger"), {"stream": "vendor"})

    (newest, *_) = page.context["page"].object_list
    assert json.loads(newest.body)["act"] == "propose"
    assert newest.sentence
    assert newest.detail
    assert set(SENTENCES) == {
        "register", "rename", "officers", "stage", "authorise", "revoke", "resolution", "confirm", "approved",
        "rejected", "give", "refuse", "withdraw", "object", "erase", "suppress", "propose", "stop", "kill_switch",
        "decide", "expand", "cancelled", "expired", "outcomes",
    }  # fmt: skip


def test_an_empty_stream_says_so_and_an_unknown_one_is_not_there(browser: Client, director: User) -> None:
    browser.force_login(director)

    dispatch = browser.get(reverse("ledger"), {"stream": "dispatch"})

    assert 'class="empty"' in dispatch.content.decode()
    for query in ({"stream": "secret"}, {"stream": ""}):
        assert browser.get(reverse("ledger"), query).status_code == 404
    for number in ("0", "-1", "x", "99999999999999999999"):
        assert browser.get(reverse("ledger"), {"page": number}).status_code == 200


def test_a_page_of_the_ledger_takes_the_same_queries_however_long_it_is(
    browser: Client, director: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    browser.force_login(director)
    browser.get(reverse("ledger"))
    with django_assert_max_num_queries(MOST_QUERIES) as few:
        browser.get(reverse("ledger"))
    oppose(director, 30)

    with django_assert_max_num_queries(MOST_QUERIES) as many:
        browser.get(reverse("ledger"))

    assert len(few) == len(many)


@pytest.mark.parametrize("route", ["ledger", "ledger-download", "checkpoints", "checkpoints-download", "verifier"])
def test_who_may_not_read_the_ledger_finds_nothing(
    browser: Client, school: School, teacher: User, guardian: User, route: str
) -> None:
    mirror_stage(school=school, stage=Stage.LIVE)
    for person in (teacher, guardian):
        browser.force_login(person)
        assert browser.get(reverse(route)).status_code == 404
