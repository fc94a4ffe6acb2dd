"""The lesson page through a network that fails: nothing is lost or doubled, and the teacher sees how it stands."""

import re
from datetime import date, timedelta
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.e2e.pictures import picture
from tests.e2e.product import Product, Visits

# The school has the entry, the device does not hear so the first time. What the school answers is kept for the test.
LOSE_ONE_ANSWER = """() => {
    const real = window.fetch;
    window.told = [];
    window.fetch = async (...given) => {
        const answer = await real(...given);
        window.told.push((await answer.clone().json()).outcomes[0].result);
        if (window.told.length === 1) throw new TypeError("lost");
        return answer;
    };
}"""
# Answers arrive, and wait until the test lets them go.
HOLD_ANSWERS = """() => {
    const real = window.fetch;
    const held = new Promise((resolve) => { window.letGo = resolve; });
    window.fetch = async (...given) => {
        const answer = await real(...given);
        await held;
        return answer;
    };
}"""
IS_IN_SIGHT = """() => {
    const edge = (selector) => document.querySelector(selector).getBoundingClientRect();
    const focused = document.activeElement.getBoundingClientRect();
    return focused.top >= edge(".sheet-bar").bottom && focused.bottom <= edge(".bar-bottom").top;
}"""
SAVED, WAITING = "Vse je shranjeno.", "Čaka na omrežje"


def last_school_day() -> date:
    day = date.today()  # noqa: DTZ011
    return day - timedelta(days=max(0, day.isoweekday() - 5))


def open_lesson(visits: Visits, product: Product, number: int) -> Page:
    """A lesson outside the timetable on the teacher's last school day, so that nobody has recorded it; one a test."""
    page = visits.log_in(product.login("teacher", "os-reka"), language="sl")
    page.goto(f"{product.school('os-reka')}/lessons/?day={last_school_day().isoformat()}")
    planned = page.locator("a.lesson-line").first.get_attribute("href") or ""
    page.goto(product.school("os-reka") + re.sub(r"/\d+/$", f"/{10 + number}/", planned))
    expect(state(page)).to_have_text(SAVED)
    return page


def state(page: Page) -> Locator:
    return page.locator("[data-entries-text]")


def tap(page: Page, row: int, label: str) -> None:
    page.locator(".pupil").nth(row).locator(".choice", has_text=label).first.click()


def chosen(page: Page) -> list[str]:
    """What each pupil's line says, from the page as the school gives it."""
    page.reload()
    found: list[str] = page.locator(".pupil input:checked").evaluate_all("all => all.map(one => one.value)")
    return found


def left_on_device(page: Page) -> int:
    return int(page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('zgoda.entry.')).length"))


def test_what_is_entered_without_a_network_arrives_when_it_is_back(product: Product, visits: Visits) -> None:
    page = open_lesson(visits, product, 0)
    pupils = page.locator(".pupil").count()

    page.context.set_offline(True)
    page.fill("#id_topic", "Ulomki")
    tap(page, 0, "Odsotnost")
    tap(page, 0, "Zamuda")
    page.click("#rest")
    expect(state(page)).to_contain_text(f"{WAITING}: {pupils + 2}")
    expect(page.locator("#recorded")).to_be_hidden()
    page.context.set_offline(False)

    expect(state(page)).to_have_text(SAVED)
    expect(page.locator("#recorded")).to_be_visible()
    picture(page, "lesson-sl")
    assert left_on_device(page) == 0
    assert chosen(page) == ["late"] + ["present"] * (pupils - 1)
    assert page.input_value("#id_topic") == "Ulomki"


def test_an_answer_that_is_lost_on_the_way_doubles_nothing(product: Product, visits: Visits) -> None:
    page = open_lesson(visits, product, 1)
    page.evaluate(LOSE_ONE_ANSWER)
    tap(page, 1, "Odsotnost")

    expect(state(page)).to_have_text(SAVED)
    assert page.evaluate("told") == ["saved", "repeated"]
    assert chosen(page) == ["absent"]


def test_what_is_left_on_the_device_arrives_at_the_next_visit(product: Product, visits: Visits) -> None:
    page = open_lesson(visits, product, 2)
    address = page.url
    page.route("**/entries/", lambda route: route.abort())
    tap(page, 2, "Odsotnost")
    expect(state(page)).to_contain_text(WAITING)
    page.close()

    again = page.context.new_page()
    again.goto(f"{product.school('os-reka')}/lessons/?day={last_school_day().isoformat()}")
    # The list is shown again with what has just arrived: the lesson is not in the timetable.
    expect(again.locator(f'a.lesson-line[href="{urlsplit(address).path}"]')).to_be_visible()
    expect(again.locator("[data-entries-owner]")).to_be_hidden()
    assert left_on_device(again) == 0
    again.goto(address)

    assert chosen(again) == ["absent"]


def test_a_lesson_that_fails_at_the_school_holds_up_no_other(product: Product, visits: Visits) -> None:
    page = open_lesson(visits, product, 2)
    failing, address = urlsplit(page.url).path, page.url
    page.route("**/entries/", lambda route: route.abort())
    tap(page, 3, "Odsotnost")
    expect(state(page)).to_contain_text(WAITING)
    page.goto(re.sub(r"/12/$", "/15/", address))
    tap(page, 3, "Zamuda")
    expect(state(page)).to_contain_text(f"{WAITING}: 2")
    page.unroute("**/entries/")
    page.route(f"**{failing}entries/", lambda route: route.fulfill(status=429))
    page.reload()

    expect(state(page)).to_contain_text("Šola trenutno ne sprejema vnosov: 1.")
    assert left_on_device(page) == 1
    assert chosen(page)[-1] == "late"
    page.unroute(f"**{failing}entries/")
    page.reload()
    expect(state(page)).to_have_text(SAVED)
    assert left_on_device(page) == 0


def test_a_whole_class_is_entered_from_the_keyboard(product: Product, visits: Visits) -> None:
    page = open_lesson(visits, product, 3)
    pupils = page.locator(".pupil").count()

    page.focus("#id_topic")
    page.keyboard.type("Decimalna števila")
    page.keyboard.press("Enter")
    page.keyboard.type("o")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("z")
    page.keyboard.press("ArrowUp")
    page.keyboard.type("v")
    page.keyboard.press("Enter")
    for _row in range(pupils - 1):
        page.keyboard.press("Enter")
        page.keyboard.type("p")
    expect(page.locator("#done")).to_be_focused()

    expect(state(page)).to_have_text(SAVED)
    expect(page.locator("#recorded")).to_be_visible()
    assert chosen(page) == ["excused", "late"] + ["present"] * (pupils - 2)


def test_the_pupil_in_focus_is_behind_neither_bar(product: Product, visits: Visits) -> None:
    page = open_lesson(visits, product, 3)
    # Without it the page glides to its place, and is measured on the way.
    page.emulate_media(reduced_motion="reduce")
    page.focus("#id_topic")
    page.keyboard.press("Enter")
    pupils = page.locator(".pupil").count()

    for key in ["ArrowDown"] * (pupils - 1) + ["ArrowUp"] * (pupils - 1):
        page.keyboard.press(key)
        assert page.evaluate(IS_IN_SIGHT), f"after {key}"


def test_an_older_entry_that_arrives_late_gives_way_and_says_so(product: Product, visits: Visits) -> None:
    """The same teacher on a phone without a network and, later, at a desk."""
    phone, desk = open_lesson(visits, product, 1), open_lesson(visits, product, 1)

    phone.context.set_offline(True)
    tap(phone, 0, "Odsotnost")
    expect(state(phone)).to_contain_text(WAITING)
    tap(desk, 0, "Zamuda")
    expect(state(desk)).to_have_text(SAVED)
    phone.context.set_offline(False)

    expect(phone.locator(".pupil .note").first).to_have_text("Novejši vnos je že tu: Zamuda. Ta velja.")
    expect(phone.locator(".pupil").first.locator("input:checked")).to_have_value("late")
    assert chosen(phone)[0] == "late"


def test_what_did_not_hold_is_told_also_where_the_lesson_is_not_open(product: Product, visits: Visits) -> None:
    phone, desk = open_lesson(visits, product, 1), open_lesson(visits, product, 1)
    phone.route("**/entries/", lambda route: route.abort())
    tap(phone, 2, "Odsotnost")
    expect(state(phone)).to_contain_text(WAITING)
    phone.close()
    tap(desk, 2, "Zamuda")
    expect(state(desk)).to_have_text(SAVED)

    again = phone.context.new_page()
    again.goto(f"{product.school('os-reka')}/lessons/")

    expect(state(again)).to_contain_text("nekaj novejšega")
    assert left_on_device(again) == 0
    assert chosen(desk)[-1] == "late"


def test_of_several_entries_for_one_pupil_the_last_one_is_shown(product: Product, visits: Visits) -> None:
    """One before and one after what was entered at the desk, both sent at once."""
    phone, desk = open_lesson(visits, product, 5), open_lesson(visits, product, 5)

    phone.context.set_offline(True)
    tap(phone, 0, "Odsotnost")
    expect(state(phone)).to_contain_text(f"{WAITING}: 1")
    tap(desk, 0, "Zamuda")
    expect(state(desk)).to_have_text(SAVED)
    tap(phone, 0, "Prisotnost")
    expect(state(phone)).to_contain_text(f"{WAITING}: 2")
    phone.context.set_offline(False)

    expect(state(phone)).to_have_text(SAVED)
    expect(phone.locator(".pupil").first.locator("input:checked")).to_have_value("present")
    assert chosen(phone)[0] == "present"


def test_an_answer_does_not_write_over_what_is_being_typed(product: Product, visits: Visits) -> None:
    phone, desk = open_lesson(visits, product, 5), open_lesson(visits, product, 5)
    phone.context.set_offline(True)
    phone.fill("#id_topic", "Ul")
    expect(state(phone)).to_contain_text(WAITING)
    desk.fill("#id_topic", "Deljenje")
    expect(state(desk)).to_have_text(SAVED)
    desk.reload()

    phone.evaluate(HOLD_ANSWERS)
    with phone.expect_response("**/entries/"):
        phone.context.set_offline(False)
    phone.locator("#id_topic").press_sequentially("omki")
    phone.evaluate("letGo()")

    expect(state(phone)).to_have_text(SAVED)
    phone.click("#rest")
    expect(phone.locator("#recorded")).to_be_visible()
    assert phone.input_value("#id_topic") == "Ulomki"
    phone.fill("#id_topic", "")
    phone.wait_for_timeout(1200)
    assert phone.input_value("#id_topic") == "", "Who has emptied the field is about to type."
    phone.locator("#id_topic").press_sequentially("Deljenje ulomkov")
    phone.locator("#id_topic").blur()
    expect(state(phone)).to_have_text(SAVED)
    phone.reload()
    assert phone.input_value("#id_topic") == "Deljenje ulomkov"


def test_a_browser_too_old_to_send_entries_has_a_form_that_saves(product: Product, visits: Visits) -> None:
    page = open_lesson(visits, product, 0)
    page.context.add_init_script("delete AbortSignal.timeout")
    page.reload()

    tap(page, 4, "Odsotnost")
    page.click("[data-without-script]")
    page.wait_for_load_state()

    expect(page.locator(".toast-line").first).to_be_visible()
    assert "absent" in chosen(page)


def test_what_is_entered_after_the_visit_has_ended_waits_for_the_next_login(product: Product, visits: Visits) -> None:
    page = open_lesson(visits, product, 4)
    address, login = page.url, product.login("teacher", "os-reka")

    page.context.clear_cookies()
    tap(page, 0, "Odsotnost")
    expect(state(page)).to_contain_text("Še ni shranjeno: 1.")
    page.reload()
    page.fill("[name=username]", login.username)
    page.fill("[name=password]", product.password)
    page.click("main button.btn-primary")
    page.wait_for_url(address)

    expect(state(page)).to_have_text(SAVED)
    assert left_on_device(page) == 0
    assert chosen(page) == ["absent"]
