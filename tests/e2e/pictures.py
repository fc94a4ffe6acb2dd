"""Pictures of the main pages for the README: written only when asked, by `ZGODA_PICTURES=docs/pictures make test …`."""

import os
from pathlib import Path

from playwright.sync_api import Page

from local.places import ROOT

IN_THE_README = {"request-sl", "consents-pl", "why-uk", "lesson-sl", "timeline-pl", "campaign-en"}


def picture(page: Page, name: str) -> None:
    """Keep what the window shows now, if the README shows it."""
    folder = os.environ.get("ZGODA_PICTURES")
    if folder and name in IN_THE_README:
        Path(ROOT, folder).mkdir(exist_ok=True)
        page.screenshot(path=Path(ROOT, folder, f"{name}.png"))
