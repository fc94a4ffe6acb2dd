"""By keyboard alone: in, to the consents, a switch and back, and out again. The focus can always be seen."""

from playwright.sync_api import Page, expect

from tests.e2e.product import DESKTOP, Product, Visits

_MOST_TABS = 60


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus; on the way every stop must show that it has it."""
    for _press in range(_MOST_TABS):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        where = page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
        assert outline != "none", f"the focus cannot be seen on {where}"
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by {_MOST_TABS} presses of Tab.")


def test_a_guardian_needs_no_mouse(product: Product, visits: Visits) -> None:
    visits.go_live("himnaziia-sosny", "uk")
    guardian = product.login("guardian", "himnaziia-sosny")
    page = visits.window(language="uk", viewport=DESKTOP)
    page.goto(f"{product.site_of(guardian)}/login?language=uk")

    tab_to(page, "[name=username]")
    page.keyboard.type(guardian.username)
    tab_to(page, "[name=password]")
    page.keyboard.type(product.password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{product.site_of(guardian)}/")
    tab_to(page, ".rail a[href='/consents/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/consents/")
    tab_to(page, "a[href='/consents/objection/']")

    page.keyboard.press("Home")
    page.reload()
    tab_to(page, ".skip")
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")


def test_the_menu_of_a_person_opens_and_closes_by_keyboard(product: Product, visits: Visits) -> None:
    page = visits.log_in(product.login("director", "os-reka"), language="sl", viewport=DESKTOP)

    tab_to(page, ".person-menu summary")
    page.keyboard.press("Enter")
    expect(page.locator(".person-menu .menu")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator(".person-menu .menu")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"

    page.keyboard.press("Enter")
    expect(page.locator(".person-menu .menu")).to_be_visible()
    tab_to(page, ".rail a")
    expect(page.locator(".person-menu .menu")).to_be_hidden()


def test_the_dialog_before_a_grave_act_begins_with_the_way_back(product: Product, visits: Visits) -> None:
    page = visits.log_in(product.login("director", "os-reka"), language="sl", viewport=DESKTOP)
    page.goto(f"{product.school('os-reka')}/account/sessions/")

    tab_to(page, "form[action$='/sessions/end'] button")
    page.keyboard.press("Enter")
    expect(page.locator("#confirm")).to_be_visible()
    assert page.evaluate("document.activeElement.value") == "no"
    page.keyboard.press("Enter")

    expect(page.locator("#confirm")).to_be_hidden()
    assert page.url.endswith("/account/sessions/")
