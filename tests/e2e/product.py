"""The running product as its users meet it: addresses, logins, mail, and windows of a browser."""

import re
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request, Response

from local.keys import keys_of
from local.logins import Login, read_logins
from local.mailbox import Mail, Mailbox

PHONE = {"width": 360, "height": 780}
DESKTOP = {"width": 1200, "height": 800}
SCHOOL_OF_LANGUAGE = {"sl": "os-reka", "pl": "sp-brzozowa", "uk": "himnaziia-sosny", "en": "przedszkole-sloneczko"}


class NotStarted(RuntimeError):
    """The demo ended or was not ready in time; the message holds what it printed."""


class Product:
    def __init__(self, state: Path, *, port_offset: int) -> None:
        self.state = state
        self.port_offset = port_offset
        self.password = keys_of(state).demo_password
        self.logins = read_logins(state)
        self.mailbox = Mailbox(state / "mail")

    @staticmethod
    def wait_until_ready(demo: subprocess.Popen[bytes], log: Path, *, seconds: int) -> None:
        deadline = time.monotonic() + seconds
        while "Ctrl-C stops everything." not in log.read_text():
            if demo.poll() is not None or time.monotonic() > deadline:
                raise NotStarted(log.read_text())
            time.sleep(0.2)

    def school(self, subdomain: str) -> str:
        return f"http://{subdomain}.localhost:{8000 + self.port_offset}"

    @property
    def console(self) -> str:
        return f"http://localhost:{8001 + self.port_offset}"

    def site_of(self, login: Login) -> str:
        return self.school(login.at) if login.at else self.console

    def login(self, role: str, at: str = "") -> Login:
        return next(login for login in self.logins if (login.role, login.at) == (role, at))

    def new_mails(self, before: set[str], *, containing: re.Pattern[str], seconds: float = 30) -> list[Mail]:
        """The mails that were not there `before` and whose text matches; waits for the first."""
        deadline = time.monotonic() + seconds
        while True:
            mails = [self.mailbox.read(name) for name in self.mailbox.names() if name not in before]
            if matching := [mail for mail in mails if containing.search(mail.text or "")]:
                return matching
            assert time.monotonic() < deadline, f"No new mail with {containing.pattern} within {seconds} s."
            time.sleep(0.2)

    def mail_to(self, address: str, *, containing: re.Pattern[str], seconds: float = 30) -> Mail:
        """The newest mail to this address whose text matches; waits for it."""
        deadline = time.monotonic() + seconds
        while True:
            for mail in reversed(list(self.mailbox.mails())):
                if address in mail.recipients and containing.search(mail.text or ""):
                    return mail
            assert time.monotonic() < deadline, f"No mail to {address} with {containing.pattern} within {seconds} s."
            time.sleep(0.2)


class Visits:
    """Windows of people. `complaints` collects what must never happen: failing scripts, foreign hosts, our errors."""

    def __init__(self, product: Product, browser: Browser) -> None:
        self.product = product
        self.browser = browser
        self.complaints: list[str] = []
        self.contexts: list[BrowserContext] = []

    def window(self, *, language: str, viewport: dict[str, int] = PHONE, dark: bool = False) -> Page:
        context = self.browser.new_context(
            viewport={"width": viewport["width"], "height": viewport["height"]},
            locale=language,
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error} at {page.url}"))
        page.on("console", lambda message: self._hear(message.type, message.text, page.url))
        page.on("request", self._see_request)
        page.on("response", self._see_response)
        return page

    def log_in(self, login: Login, *, language: str, viewport: dict[str, int] = PHONE) -> Page:
        page = self.window(language=language, viewport=viewport)
        page.goto(f"{self.product.site_of(login)}/login?language={language}")
        page.fill("[name=username]", login.username)
        page.fill("[name=password]", self.product.password)
        page.click("main button.btn-primary")
        assert "/login" not in page.url, page.inner_text("main")
        if page.locator("html").get_attribute("lang") != language:
            page.locator(".person-menu summary").click()
            page.locator(f"[name=language][value={language}]").click()
        return page

    def go_live(self, school: str, language: str) -> None:
        """The director opens the school, unless it is open."""
        page = self.log_in(self.product.login("director", school), language=language)
        page.goto(f"{self.product.school(school)}/go-live/")
        button = page.locator("main form[data-confirm] button")
        if button.count():
            button.click()
            page.locator("#confirm [value=yes]").click()
            page.wait_for_load_state()

    def close(self) -> None:
        for context in self.contexts:
            context.close()

    def _hear(self, kind: str, text: str, url: str) -> None:
        # What did not load, rightly or because a test cut the network, is told to the console as well.
        if kind == "error" and "Failed to load resource" not in text:
            self.complaints.append(f"console: {text} at {url}")

    def _see_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and not (parts.hostname or "").endswith("localhost"):
            self.complaints.append(f"a request to {parts.hostname}")

    def _see_response(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} at {response.url}")
