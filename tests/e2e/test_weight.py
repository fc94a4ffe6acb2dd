"""What a phone has to load (docs: pages): at most 60 kB the first time, 6 kB afterwards."""

from playwright.sync_api import Page

from tests.e2e.product import Product, Visits

FIRST_VISIT = 60_000
LATER_VISIT = 6_000


def bytes_of(page: Page, url: str) -> int:
    """What comes over the wire for this page, headers included, as the browser counts it."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    total = 0

    def add(event: dict[str, float]) -> None:
        nonlocal total
        total += int(event["encodedDataLength"])

    session.on("Network.loadingFinished", add)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    session.detach()
    return total


def test_a_guardians_home_is_light(product: Product, visits: Visits) -> None:
    visits.go_live("sp-brzozowa", "pl")
    home = f"{product.school('sp-brzozowa')}/"
    # In a window that has loaded nothing of ours before, with the session of another one.
    known = visits.log_in(product.login("guardian", "sp-brzozowa"), language="pl")
    fresh = visits.window(language="pl")
    fresh.context.add_cookies(known.context.cookies())  # type: ignore[arg-type]

    first = bytes_of(fresh, home)
    later = bytes_of(fresh, home)

    assert 10_000 < first <= FIRST_VISIT
    assert 500 < later <= LATER_VISIT
