"""The whole product on ports of its own, and a real browser. Nothing here is a stand-in."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from local.places import ROOT, temporary_state
from tests.e2e.product import Product, Visits

# Apart from a demo that may be running, and from the ports that the tests of the demo use.
PORT_OFFSET = 700
_STARTED_WITHIN = 240
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """make demo without its story: four schools with their rosters, all processes, mail and text messages.

    ZGODA_E2E_STATE names the state of one that runs already, on the usual ports: for whoever writes these tests.
    """
    if running := os.environ.get("ZGODA_E2E_STATE"):
        yield Product(Path(running), port_offset=0)
        return
    with temporary_state() as state:
        environment = dict(os.environ) | {"ZGODA_STATE": str(state), "ZGODA_PORT_OFFSET": str(PORT_OFFSET)}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        log = state / "demo.log"
        with log.open("w") as output:
            demo = subprocess.Popen(
                [sys.executable, "-m", "local.demo", "--no-story"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            Product.wait_until_ready(demo, log, seconds=_STARTED_WITHIN)
            yield Product(state, port_offset=PORT_OFFSET)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(timeout=60)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium; where there is none and we may install it, it is installed."""
    program = _program()
    if program is None:
        pytest.skip("There is no Chromium on this machine and we may not install one: no page was looked at.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visits(product: Product, chromium: Browser) -> Iterator[Visits]:
    """Browser windows of people; afterwards everything that must never happen in a window is looked for."""
    opened = Visits(product, chromium)
    yield opened
    opened.close()
    assert opened.complaints == []


def _program() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None and os.geteuid() == 0 and Path("/etc/debian_version").exists():
        for words in (("update",), ("install", "--yes", "--no-install-recommends", "chromium")):
            subprocess.run(["apt-get", "--quiet", *words], check=False, timeout=300, stdout=subprocess.DEVNULL)
        found = shutil.which("chromium")
    return found
