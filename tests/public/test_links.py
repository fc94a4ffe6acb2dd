import re
import secrets
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.dispatch.world import Person, World
from tests.public.conftest import send_one

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class Page(HTMLParser):
    """What a page holds that matters here."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, str]] = []
        self.inline: list[str] = []
        self.elsewhere: list[str] = []
        self.language = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang") or ""
        # The form of a dialog closes it and sends nothing.
        if tag == "form" and given.get("method") != "dialog":
            self.forms.append(((given.get("method") or "get").lower(), given.get("action") or ""))
        is_inline = tag == "style" or (tag == "script" and "src" not in given)
        if is_inline or any(name == "style" or name.startswith("on") for name in given):
            self.inline.append(tag)
        for name in ("href", "src", "action"):
            if urlsplit(given.get(name) or "").netloc:
                self.elsewhere.append(given[name] or "")


def facts(world: World) -> list[tuple[object, ...]]:
    """Everything a link could change."""
    return world.stored(
        "SELECT (SELECT count(*) FROM consent.consent_event), (SELECT count(*) FROM consent.suppression),"
        " (SELECT count(*) FROM consent.leaf),"
        " (SELECT md5(string_agg(e::text, '' ORDER BY envelope_id)) FROM consent.envelope e)"
    )


def latest_act(world: World, person: Person) -> str:
    ((act,),) = world.stored(
        "SELECT act FROM consent.consent_event WHERE subject_id = %s ORDER BY number DESC LIMIT 1", person.id
    )
    return str(act)


def test_one_click_withdraws_at_once(client: Client, world: World, guardian: Person, token: str) -> None:
    answer = client.post(
        f"/w/{token}", data="List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 200
    assert latest_act(world, guardian) == "withdraw"


def test_one_click_works_as_form_data_without_any_cookie(world: World, guardian: Person, token: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(f"/w/{token}", data=ONE_CLICK)

    assert answer.status_code == 200
    assert not answer.cookies
    assert latest_act(world, guardian) == "withdraw"


def test_after_one_click_the_next_offer_is_refused(client: Client, world: World, guardian: Person, token: str) -> None:
    client.post(f"/w/{token}", data=ONE_CLICK)

    campaign = world.propose()
    world.discard_notices()
    world.approve(campaign)

    assert world.stored("SELECT state, code FROM consent.envelope WHERE campaign_id = %s", campaign) == [
        ("suppressed", "DENY_OPT_IN_WITHDRAWN")
    ]


def test_one_click_twice_is_as_good_as_once(client: Client, world: World, guardian: Person, token: str) -> None:
    client.post(f"/w/{token}", data=ONE_CLICK)
    before = facts(world)

    answer = client.post(f"/w/{token}", data=ONE_CLICK)

    assert answer.status_code == 200
    assert facts(world) == before


def test_an_old_link_does_not_undo_a_later_yes_by_being_read(
    client: Client, world: World, guardian: Person, token: str
) -> None:
    client.post(f"/w/{token}", data=ONE_CLICK)
    world.consent(guardian)

    client.get(f"/w/{token}")

    assert latest_act(world, guardian) == "give"


@pytest.mark.parametrize("page", ["w", "o", "why"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_reading_changes_nothing(client: Client, world: World, token: str, page: str, method: str) -> None:
    before = facts(world)

    answer = getattr(client, method)(f"/{page}/{token}")

    assert answer.status_code == 200
    assert facts(world) == before


def test_a_link_scanner_that_opens_everything_changes_nothing(client: Client, world: World, token: str) -> None:
    before = facts(world)
    waiting, seen = [f"/w/{token}", f"/why/{token}"], set()

    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = client.get(address)
        content = answer.content.decode() if answer["Content-Type"].startswith("text/html") else ""
        path = urlsplit(address).path
        links = [
            link if not link.startswith("?") else path + link
            for link in re.findall(r'(?:href|action)="([^"]+)"', content)
        ]
        waiting += [link.replace("&amp;", "&") for link in links]

    assert len(seen) > 10
    assert facts(world) == before


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_refused(client: Client, world: World, token: str, method: str) -> None:
    before = facts(world)

    assert getattr(client, method)(f"/w/{token}").status_code == 405
    assert getattr(client, method)(f"/why/{token}").status_code == 405
    assert facts(world) == before


def test_the_page_offers_a_button_that_withdraws(client: Client, world: World, guardian: Person, token: str) -> None:
    forms = Page(client.get(f"/w/{token}").content.decode()).forms
    assert forms == [("post", f"/w/{token}?language=pl")]

    answer = client.post(forms[0][1])

    assert "Oferty zostały zatrzymane" in answer.content.decode()
    assert latest_act(world, guardian) == "withdraw"


def test_withdrawing_takes_no_more_steps_than_one(client: Client, world: World, guardian: Person, token: str) -> None:
    answer = client.post(f"/w/{token}")

    assert answer.status_code == 200
    assert latest_act(world, guardian) == "withdraw"


def test_an_objection_counts_for_every_address_of_the_person(
    client: Client, world: World, guardian: Person, token: str
) -> None:
    answer = client.post(f"/o/{token}")

    assert answer.status_code == 200
    assert world.stored(
        "SELECT count(*) FROM consent.suppression WHERE reason = 'objection' AND address_hash IS NOT NULL"
    ) == [(1,)]


def test_why_tells_the_two_yeses_in_the_readers_language(client: Client, world: World, token: str) -> None:
    content = client.get(f"/why/{token}").content.decode()

    assert Page(content).language == "pl"
    assert "Od dostawcy: Zgoda offers. Nadawcą nie jest szkoła (SP Brzozowa)." in content
    for line in ("Szkoła na to zezwoliła", "Rada rodziców wyraziła zgodę", "Pani/Pana zgoda na oferty e-mailem"):
        assert line in content


def test_why_names_nobody(client: Client, world: World, guardian: Person, token: str) -> None:
    content = client.get(f"/why/{token}").content.decode()

    assert "majda" not in content
    for person in (guardian, world.director, world.chair):
        assert str(person.id) not in content


def test_why_says_when_the_yes_was_taken_back(client: Client, token: str) -> None:
    client.post(f"/w/{token}")

    content = client.get(f"/why/{token}").content.decode()

    assert "Pani/Pana zgoda została już wycofana." in content
    assert ("post", f"/w/{token}?language=pl") not in Page(content).forms


def test_a_link_that_was_used_says_so_and_asks_nothing_more(client: Client, token: str) -> None:
    client.post(f"/w/{token}")

    content = client.get(f"/w/{token}").content.decode()

    assert "Oferty zostały zatrzymane" in content
    assert "Pani/Pana zgoda została już wycofana." in content
    assert Page(content).forms == []


def test_after_an_objection_no_page_asks_for_one_again(client: Client, token: str) -> None:
    client.post(f"/o/{token}")

    for address in (f"/w/{token}", f"/o/{token}", f"/why/{token}"):
        content = client.get(address).content.decode()
        assert "Sprzeciw wobec wszystkich ofert dostawcy został zgłoszony." in content
        assert Page(content).forms == []
    assert f"/o/{token}?language=pl" not in client.post(f"/w/{token}").content.decode()


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("sl", "Zakaj mi je bilo to poslano?"),
        ("pl", "Dlaczego to do mnie przyszło?"),
        ("uk", "Чому мені це надійшло?"),
        ("en", "Why did I get this?"),
    ],
)
def test_the_reader_may_choose_the_language(client: Client, token: str, language: str, title: str) -> None:
    answer = client.get(f"/why/{token}?language={language}")

    assert answer["Content-Language"] == language
    assert f"<h1>{title}</h1>" in answer.content.decode()


def test_a_link_of_a_schools_message_explains_and_withdraws_nothing(
    client: Client, world: World, guardian: Person
) -> None:
    world.queue_message(guardian)
    token = send_one(world, guardian)
    before = facts(world)

    explained = client.get(f"/why/{token}").content.decode()
    answer = client.post(f"/w/{token}")

    assert "Nie zawiera oferty" in explained or "nie zawiera oferty" in explained.lower()
    assert answer.status_code == 409
    assert facts(world) == before


@pytest.mark.parametrize(
    "wrong", ["0" * 64, "f" * 64, secrets.token_hex(32), "A" * 64, "short", "0" * 63, "0" * 65, "'%20OR%201=1--", "%00"]
)
@pytest.mark.parametrize("page", ["w", "o", "why"])
def test_a_guessed_token_finds_nothing_and_all_wrong_ones_look_alike(
    client: Client, world: World, page: str, wrong: str
) -> None:
    before = facts(world)

    read = client.get(f"/{page}/{wrong}", headers={"Accept-Language": "sl"})
    written = client.post(f"/{page}/{wrong}", headers={"Accept-Language": "sl"})

    assert read.status_code == written.status_code == 404 or (page, written.status_code) == ("why", 405)
    assert "Ta povezava ne vodi nikamor" in read.content.decode()
    assert facts(world) == before


def test_the_token_of_one_person_touches_nobody_else(client: Client, world: World, guardian: Person) -> None:
    other = world.add_person(f"other.{world.school_id.hex}@example.pl")
    world.consent(other)
    world.queue_offers([guardian])
    token = send_one(world, guardian)

    client.post(f"/o/{token}")
    client.post(f"/w/{token}")

    assert latest_act(world, guardian) == "withdraw"
    assert latest_act(world, other) == "give"


@pytest.mark.parametrize("page", ["w", "o", "why", "missing"])
def test_pages_are_strict_about_what_they_load_and_tell(client: Client, token: str, page: str) -> None:
    answer = client.get(f"/{page}/{token}")

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["X-Frame-Options"] == "DENY"
    found = Page(answer.content.decode())
    assert found.inline == []
    assert found.elsewhere == []
    assert not answer.cookies
