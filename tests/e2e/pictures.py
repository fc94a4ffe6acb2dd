"""Pictures of the main pages for the README: written only when asked, by `ZGODA_PICTURES=docs/pictures make test …`."""

import os
from pathlib import Path

from playwright.sync_api import Page

from local.places import ROOT


def picture(page: Page, name: str) -> None:
    """Keep what the window shows now."""
    folder = os.environ.get("ZGODA_PICTURES")
    if folder:
        page.screenshot(path=Path(ROOT, folder, f"{name}.png"))
