"""Every page that somebody can reach by following links: fit for everybody, in that person's language.

Each is looked at on a phone in light colours and on a desk in dark ones.
"""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.product import DESKTOP, PHONE, SCHOOL_OF_LANGUAGE, Product, Visits

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|\d{4}-\d\d-\d\d|\d+")
# Not pages: files, and what ends the visit.
_NOT_PAGES = re.compile(
    r"/(download|minutes|receipt|schema)\b|\.(csv|json|jsonl|jsonld|zip|pdf|txt|py)$|/_design|/problems"
)
_MOST_PAGES = 40

VISITORS = [
    ("director", "sl"),
    ("teacher", "sl"),
    ("director", "pl"),
    ("guardian", "pl"),
    ("guardian (chair)", "pl"),
    ("pupil", "pl"),
    ("guardian", "uk"),
    ("guardian (chair)", "sl"),
    ("teacher", "uk"),
    ("director", "en"),
    ("administrator", "uk"),
    ("operator", "pl"),
    ("operator", "en"),
]


def faults_of(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """What axe calls serious or critical, by rule and place. The try-out of the API's documentation is a library's."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = Axe().run(page, context={"exclude": [["#swagger"]]}, options=options).response["violations"]
    return [
        f"{page.url}: {violation['id']} at {violation['nodes'][0]['target']}"
        for violation in found
        if violation["impact"] in {"serious", "critical"}
    ]


def contrast_faults_of(page: Page) -> list[str]:
    return [f"{fault}, in the dark" for fault in faults_of(page, rules=["color-contrast", "link-in-text-block"])]


def faults_of_width(page: Page) -> list[str]:
    needed, there = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return [f"{page.url}: {needed} pixels wide where there are {there}"] if needed > there else []


def look_on_a_desk(page: Page) -> None:
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    # Without motion, so that no colour is measured on its way from one to the other.
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")


def look_on_a_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")


def links_of(page: Page) -> list[str]:
    here = page.url
    hrefs = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
    found = {urljoin(here, href).partition("#")[0] for href in hrefs}
    return sorted(url for url in found if urlsplit(url).netloc == urlsplit(here).netloc)


def kind_of(url: str) -> str:
    """Pages that differ by id or query alone are of one kind; two of a kind are looked at."""
    return _ID.sub("·", urlsplit(url).path)


@pytest.mark.parametrize(("role", "language"), VISITORS, ids=lambda word: word)
def test_every_page_is_fit_for_everybody(product: Product, visits: Visits, role: str, language: str) -> None:
    login = product.login(role, SCHOOL_OF_LANGUAGE[language] if role != "operator" else "")
    if role.startswith("guardian") or role == "pupil":
        visits.go_live(SCHOOL_OF_LANGUAGE[language], language)
    page = visits.log_in(login, language=language)
    waiting, seen, faults = [page.url], dict[str, int](), list[str]()

    while waiting and sum(seen.values()) < _MOST_PAGES:
        url = waiting.pop(0)
        if _NOT_PAGES.search(urlsplit(url).path) or seen.get(kind_of(url), 0) >= 2:
            continue
        seen[kind_of(url)] = seen.get(kind_of(url), 0) + 1
        answer = page.goto(url)
        assert answer is not None
        if answer.status != 200:
            faults.append(f"{url}: {answer.status}")
            continue
        if page.locator("html").get_attribute("lang") != language:
            faults.append(f"{url}: not in {language}")
        faults += [*faults_of(page), *faults_of_width(page)]
        waiting += links_of(page)
        look_on_a_desk(page)
        faults += [*contrast_faults_of(page), *faults_of_width(page)]
        look_on_a_phone(page)

    assert len(seen) > 3, seen
    assert faults == []


@pytest.mark.parametrize("language", ["sl", "pl", "uk", "en"])
def test_the_login_and_its_errors_are_fit_for_everybody(product: Product, visits: Visits, language: str) -> None:
    page = visits.window(language=language, viewport=DESKTOP)
    page.goto(f"{product.school(SCHOOL_OF_LANGUAGE[language])}/login")
    faults = faults_of(page)

    page.click("main button.btn-primary")
    page.wait_for_selector(".error-summary")

    assert faults + faults_of(page) == []
    page.goto(f"{product.school(SCHOOL_OF_LANGUAGE[language])}/nowhere")
    assert faults_of(page) == []
