"""The whole story by hand, in each language: asked, decided, agreed, sent, explained, withdrawn, revoked, proved."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from local.places import ROOT
from tests.e2e.pictures import picture
from tests.e2e.product import DESKTOP, SCHOOL_OF_LANGUAGE, Product, Visits

MINUTES = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SUBJECT = {"sl": "Paket Plus", "pl": "Pakiet Plus", "uk": "Пакет Плюс", "en": "The Plus package"}
_CODE = re.compile(r"\b\d{6}\b")
_WHY = re.compile(r"http://\S+/why/\S+")
_WITHDRAW = re.compile(r"http://\S+/w/\S+")


def confirmed(page: Page) -> None:
    """Say yes in the dialog that names what will happen."""
    page.locator("#confirm [value=yes]").click()
    page.wait_for_load_state()


def submitted(page: Page, form: str, *, button: str = "button") -> None:
    page.locator(f"form[action$='{form}'] {button}").first.click()
    page.wait_for_load_state()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", ["sl", "pl", "uk", "en"])
def test_the_story_in_each_language(product: Product, visits: Visits, tmp_path: Path, language: str) -> None:
    school = SCHOOL_OF_LANGUAGE[language]
    site = product.school(school)
    director = visits.log_in(product.login("director", school), language=language, viewport=DESKTOP)

    # The school opens, and has a chair of its Council.
    visits.go_live(school, language)
    chair = visits.log_in(product.login("guardian (chair)", school), language=language)
    name = chair.locator(".person-name").inner_text()
    director.goto(f"{site}/chair/?q={name}")
    director.locator("main form[data-confirm] button").first.click()
    confirmed(director)

    campaign = the_vendor_asks(product, visits, school, language)

    # The director sees it first, with what stands in its way.
    director.goto(site)
    picture(director, f"director-{language}")
    director.goto(f"{site}/offers/{campaign}/")
    picture(director, f"request-{language}")
    expect(director.locator("main")).to_contain_text(SUBJECT[language])
    the_council_agrees(director, chair, site, tmp_path)
    director.goto(f"{site}/authorisation/new/?offer={campaign}")
    for _step in range(3):
        director.locator("main form button.btn-primary").click()
    director.locator("main form button.btn-primary").click()
    director.wait_for_url(f"{site}/offers/{campaign}/")

    # The guardian verifies the own address and says yes; only then can anything come.
    guardian = visits.log_in(product.login("guardian", school), language=language)
    address = the_guardian_verifies(product, guardian, site)
    guardian.goto(f"{site}/consents/")
    expect(guardian.locator("#switch-email")).to_be_enabled()
    guardian.locator("#switch-email").click()
    expect(guardian.locator("#switch-email")).to_be_checked()
    picture(guardian, f"consents-{language}")

    director.goto(f"{site}/offers/{campaign}/")
    director.locator("form[action$='/approve'] button").click()
    confirmed(director)

    offer = product.mail_to(address, containing=_WHY, seconds=60)
    assert SUBJECT[language] in (offer.text or "") + str(offer.message["Subject"])
    guardian.goto(f"{site}/messages/")
    guardian.locator("main a[href^='/messages/']").first.click()
    guardian.locator("main a[href$='/why/']").click()
    expect(guardian.locator("main")).to_contain_text("Zgoda")
    picture(guardian, f"why-{language}")

    # Without a login: why it came, and two clicks out of it.
    stranger = visits.window(language=language)
    stranger.goto(found(_WHY, offer.text))
    assert stranger.locator("html").get_attribute("lang") == language
    stranger.goto(found(_WITHDRAW, offer.text))
    stranger.locator("main form button").first.click()
    stranger.wait_for_load_state()
    guardian.goto(f"{site}/consents/")
    expect(guardian.locator("#switch-email")).not_to_be_checked()

    # The director sees what happened, ends it with one button, and takes the proof along.
    director.goto(f"{site}/timeline/")
    expect(director.locator("main .origin-vendor").first).to_be_visible()
    picture(director, f"timeline-{language}")
    director.goto(f"{site}/authorisation/revoke/")
    director.locator("main form button.btn-danger").click()
    director.wait_for_load_state()
    expect(director.locator(".toast-line, main")).not_to_have_count(0)
    the_ledger_holds(director, site, tmp_path)


def the_vendor_asks(product: Product, visits: Visits, school: str, language: str) -> str:
    """The operator writes a request to this school; returns the campaign's id."""
    page = visits.log_in(product.login("operator"), language=language, viewport=DESKTOP)
    page.goto(f"{product.console}/campaigns/new/email/")
    page.select_option("[name=product]", "plus")
    page.fill("[name=ends_on]", (datetime.now(tz=UTC).date() + timedelta(days=14)).isoformat())
    page.check("[name=reach][value=schools]")
    chosen = page.locator(f"label:has-text('({school})') input")
    chosen.check()
    for written, subject in SUBJECT.items():
        opener = page.locator(f"[data-language={written}] .opener input")
        if opener.is_visible():
            opener.check()
        page.fill(f"[name=subject_{written}]", subject)
        page.fill(f"[name=body_{written}]", f"{subject}.")
    page.locator("main form button.btn-primary").last.click()
    page.wait_for_load_state()
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"/campaigns/[0-9a-f-]{36}/"))
    campaign = page.url.rstrip("/").rpartition("/")[2]
    # The keeper's verdict, school by school.
    for _look in range(60):
        if page.locator("main").get_by_text("Zgoda").count() and page.locator("main table").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    picture(page, f"campaign-{language}")
    page.context.close()
    return campaign


def the_council_agrees(director: Page, chair: Page, site: str, tmp_path: Path) -> None:
    minutes = tmp_path / "minutes.pdf"
    minutes.write_bytes(MINUTES)
    director.goto(f"{site}/resolutions/new/")
    director.check("[name=outcome][value=positive]")
    director.fill("[name=decided_on]", datetime.now(tz=UTC).date().isoformat())
    director.fill("[name=votes_for]", "14")
    director.fill("[name=votes_against]", "2")
    director.check("[name=products][value=plus]")
    director.set_input_files("[name=minutes]", minutes)
    director.locator("[name=step][value=preview]").click()
    director.locator("[name=step][value=record]").click()
    director.wait_for_url(f"{site}/resolutions/")
    chair.goto(f"{site}/resolutions/")
    chair.locator("main a[href$='/confirm/']").first.click()
    chair.locator("main form button").first.click()
    chair.wait_for_url(f"{site}/resolutions/")
    picture(chair, f"resolutions-{chair.locator('html').get_attribute('lang')}")


def the_guardian_verifies(product: Product, guardian: Page, site: str) -> str:
    """By the code that was mailed; returns the address."""
    before = set(product.mailbox.names())
    guardian.goto(f"{site}/account/contacts/")
    guardian.locator("form[action*='/email'] button").first.click()
    guardian.wait_for_load_state()
    mail = next(mail for mail in product.new_mails(before, containing=_CODE))
    guardian.fill("[name=code]", found(_CODE, mail.text))
    guardian.locator("main form button.btn-primary").first.click()
    guardian.wait_for_url(f"{site}/account/contacts/")
    return str(mail.recipients[0])


def the_ledger_holds(director: Page, site: str, tmp_path: Path) -> None:
    """Downloaded, and checked by the program that needs nothing of ours."""
    director.goto(f"{site}/ledger/")
    with director.expect_download() as download:
        director.locator("main a[href$='ledger.jsonl']").first.click()
    ledger = tmp_path / "ledger.jsonl"
    download.value.save_as(ledger)
    picture(director, f"ledger-{director.locator('html').get_attribute('lang')}")
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "zgoda_verify.py"), str(ledger)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def found(pattern: re.Pattern[str], text: str | None) -> str:
    match = pattern.search(text or "")
    assert match is not None, text
    return match.group()
