"""The pictures in the README: `python -m tests.pictures` makes them anew from a made-up company, in Debian's Chromium."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.whole.rehearsal import DAY, rehearsal

IMAGES = Path(__file__).parent.parent / "docs" / "images"
MOST_BYTES = 150_000
_VIEW = {"width": 1120, "height": 660}
_PAGES = {"accounts": "accounts.html", "coverage": "coverage.html", "card": "cards/{card}"}


def make(report: Path) -> None:
    """The pictures stand in docs/images, each of less than MOST_BYTES."""
    IMAGES.mkdir(exist_ok=True)
    folder = report / "salesforce"
    card = max((folder / "cards").glob("*.html"), key=lambda one: one.stat().st_size).name
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        page = browser.new_page(viewport=_VIEW)
        for name, path in _PAGES.items():
            page.goto((folder / path.format(card=card)).as_uri())
            page.screenshot(path=IMAGES / f"{name}.png")
            size = (IMAGES / f"{name}.png").stat().st_size
            assert size < MOST_BYTES, f"{name}.png has {size:,} bytes"
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place, rehearsal(Path(place), accounts=60, rate_limits=False) as running:
        running.live()
        running.holdfast("run", "--connection", "salesforce")
        running.advance(8 * DAY)
        running.holdfast("run", "--connection", "salesforce")
        running.holdfast("report", "--connection", "salesforce", "--out", f"{place}/report")
        make(Path(place) / "report")
