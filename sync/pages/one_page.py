"""A single page that is mailed alone: the card of one account as HTML with its style in it, or printed to PDF.

Chromium prints it, where there is one; nothing else of a browser is needed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from sync.errors import HoldfastError
from sync.pages.scene import Scene
from sync.pages.site import card_page

#: What Chromium is called, on Linux, macOS and Windows.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")

_PRINT_WITHIN_SECONDS = 60


class NotPrintedError(HoldfastError):
    """A page was not made as PDF: there is no Chromium or Chrome here, or it failed. The same page stands as HTML.

    Remedy: print the HTML page from any browser, or install Chromium on this machine.
    """

    name = "not-printed"


def account_html(scene: Scene, account_id: str) -> str:
    """Return the card of an account as a page that needs no file beside it."""
    return card_page(scene, next(scene.visits([account_id])))


def print_pdf(html: str, out: Path, browsers: tuple[str, ...] = BROWSERS) -> None:
    """The page stands in `out` as PDF, else NotPrintedError."""
    browser = next(filter(None, map(shutil.which, browsers)), None)
    if browser is None:
        raise NotPrintedError("no Chromium or Chrome is installed here; print the HTML page from any browser")
    with tempfile.TemporaryDirectory(prefix="holdfast-print-", ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "page.html"
        page.write_text(html, encoding="utf-8")
        arguments = ["--headless", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={folder}/profile"]
        # Its own sandbox refuses to run as root, as in a container; the page asks for nothing and has one script, ours.
        arguments += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        command = [browser, *arguments, f"--print-to-pdf={out.resolve()}", page.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PRINT_WITHIN_SECONDS, check=False)  # noqa: S603 - a browser by its full path, and arguments of our own
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotPrintedError(f"{browser} did not print it: {error}") from error
    if done.returncode or not out.is_file():
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise NotPrintedError(f"{browser} did not print it: {said[-1] if said else f'status {done.returncode}'}")
