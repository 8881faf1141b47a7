"""The report in a real browser: no error, no request off the machine, nothing for axe to find, and the same numbers.

Pictures of every page in light, dark and print go to a folder of pytest's, whose name is printed with `-s`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, Request, sync_playwright

from sync.pages.frame import PAGES
from tests.conftest import SHARED
from tests.sync.test_pages_site import HOSTILE
from tests.whole.rehearsal import DAY, Rehearsal, rehearsal
from tests.whole.test_serve import serving

pytestmark = pytest.mark.slow

CRMS = ("salesforce", "hubspot")
W3C = SHARED / "data" / "w3c-touches"
PRINT_WIDTHS = {"tall": 718, "across": 1040}  # CSS pixels of A4 less its margins


@dataclass
class Seen:
    """A page in the browser, with what went wrong on it and what it asked for."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        """The page is loaded; it logged nothing and asked for nothing but files beside it."""
        self.page.goto(address)
        origin = address[: address.index("/", len("http://"))] if address.startswith("http") else "file://"
        assert self.errors == [], address
        assert [one for one in self.requests if not one.startswith(origin)] == []
        return self.page


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("chromium is missing, which this test needs: apt-get install chromium")
    # Chromium's own sandbox refuses to run as root, as in a container.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    running = playwright.chromium.launch(executable_path=path, args=arguments)
    yield running
    running.close()


def seen_in(browser: Browser, **options: Any) -> Seen:
    page = browser.new_page(**({"viewport": {"width": 1280, "height": 900}} | options))
    seen = Seen(page)
    page.on("console", lambda said: seen.errors.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", lambda asked: seen.requests.append(_url(asked)))
    return seen


def _url(asked: Request) -> str:
    return str(asked.url)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Two CRMs after two live cycles eight days apart, with tasks of which one was completed and one deleted."""
    folder = tmp_path_factory.mktemp("browser")
    with rehearsal(folder, accounts=60, touches_per_account=40, rate_limits=False) as running:
        running.live()
        running.set(HOLDFAST__PRIVACY__RANK_PEOPLE="true")
        running.holdfast("run")
        tasks = [one["properties"] | {"id": one["id"]} for one in running.records("hubspot", "tasks")]
        for task, verb in zip(tasks, ("complete_task", "delete_task"), strict=False):
            running.act("hubspot", verb, who=task["hubspot_owner_id"], task=task["id"])
        running.advance(8 * DAY)
        running.holdfast("run")
        running.holdfast("report", "--out", str(folder / "report"))
        yield running


@pytest.fixture(scope="module")
def folder(stage: Rehearsal) -> Path:
    return stage.config.parent / "report"


def addresses(folder: Path, crm: str = "salesforce") -> dict[str, str]:
    """The address of every overview, and of the largest card."""
    cards = sorted((folder / crm / "cards").glob("*.html"), key=lambda one: -one.stat().st_size)
    pages = {name: folder / crm / f"{name}.html" for name in PAGES}
    return {
        name: path.as_uri() for name, path in ({"index": folder / "index.html"} | pages | {"card": cards[0]}).items()
    }


def violations(page: Page) -> list[str]:
    # Without `preload`, by which axe would fetch the style sheet by script: the page's own policy forbids that.
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found.response["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_opens_clean_and_axe_finds_nothing(
    browser: Browser, folder: Path, tmp_path: Path, scheme: str
) -> None:
    seen = seen_in(browser, color_scheme=scheme)
    for crm in CRMS:
        for name, address in addresses(folder, crm).items():
            page = seen.open(address)
            assert violations(page) == [], (crm, name)
            page.screenshot(path=tmp_path / f"{crm}-{name}-{scheme}.png", full_page=True)
    print(f"pictures in {tmp_path}")
    seen.page.close()


def test_pages_print_without_their_controls_and_a_card_is_one_sheet(
    browser: Browser, folder: Path, tmp_path: Path
) -> None:
    seen = seen_in(browser)
    for name, address in addresses(folder).items():
        page = seen.open(address)
        page.emulate_media(media="print")
        shape = "across" if "across" in (page.get_attribute("body", "class") or "") else "tall"
        page.set_viewport_size({"width": PRINT_WIDTHS[shape], "height": 1000})
        assert page.locator(".filter:visible, .csv:visible, header nav:visible").count() == 0
        # What is wider than the sheet would be cut off.
        assert page.evaluate("document.documentElement.scrollWidth") <= PRINT_WIDTHS[shape] + 1, name
        page.screenshot(path=tmp_path / f"{name}-print.png", full_page=True)
    page.emulate_media(media="null")
    sheets = {}
    for card in sorted((folder / "salesforce" / "cards").glob("*.html")):
        page.goto(card.as_uri())
        sheets[card.name] = len(re.findall(rb"/Type /Page\b(?!s)", page.pdf(prefer_css_page_size=True)))
    assert set(sheets.values()) == {1}, sheets
    print(f"pictures in {tmp_path}")
    page.close()


def test_searching_filtering_and_sorting_work_in_the_page(browser: Browser, folder: Path) -> None:
    page = seen_in(browser).open(addresses(folder)["accounts"])
    rows = page.locator("#accounts tbody tr:visible")
    total = rows.count()
    first = rows.first.locator("th").inner_text()
    page.get_by_label("Search").fill(first)
    assert rows.count() == 1
    assert page.locator("[data-count]").inner_text() == f"1 of {total} shown"
    page.get_by_label("Search").fill("")
    page.get_by_label("Worst finding").select_option("critical")
    assert 0 < rows.count() < total
    assert all(rows.nth(n).get_attribute("data-worst") == "critical" for n in range(rows.count()))
    page.get_by_label("Worst finding").select_option("")
    page.get_by_label("Rule").select_option("sole-rep")
    assert all("sole-rep" in (rows.nth(n).get_attribute("data-rules") or "") for n in range(rows.count()))
    page.get_by_label("Rule").select_option("")
    page.get_by_role("button", name="Revenue").press("Enter")
    sorted_by = page.locator("th[aria-sort]")
    assert (sorted_by.count(), sorted_by.get_attribute("aria-sort")) == (1, "descending")
    amounts = [float(rows.nth(n).locator("td").nth(2).get_attribute("data-sort") or -1) for n in range(total)]
    assert amounts == sorted(amounts, reverse=True)
    page.get_by_role("button", name="Revenue").click()
    assert sorted_by.get_attribute("aria-sort") == "ascending"
    page.close()


def test_a_name_leads_to_the_card_and_the_card_to_the_record_in_the_crm(browser: Browser, folder: Path) -> None:
    seen = seen_in(browser)
    page = seen.open(addresses(folder)["coverage"])
    name = page.locator(".heat tbody th a").first
    told = name.inner_text()
    name.click()
    assert page.locator("h1").inner_text() == told
    record = page.get_by_role("link", name=re.compile("in Salesforce")).get_attribute("href") or ""
    assert re.search(r"/lightning/r/Account/001\w{15}/view$", record)
    assert seen.errors == []
    page.close()


def test_the_pages_tell_the_numbers_of_explain_and_plan(browser: Browser, stage: Rehearsal, folder: Path) -> None:
    page = seen_in(browser).open(addresses(folder)["accounts"])
    rows = page.locator("#accounts tbody tr")
    for number in range(0, rows.count(), 5):
        href = rows.nth(number).locator("th a").get_attribute("href") or ""
        account_id = Path(href).stem
        (told,) = stage.json("explain", account_id, "--connection", "salesforce")
        text = rows.nth(number).inner_text()
        value = told["score"]["value"]
        assert ("not shown" if value is None else f"{value} ") in text
        raised = sorted(rule for rule, one in told["rules"].items() if one["verdict"] == "raised")
        assert sorted((rows.nth(number).get_attribute("data-rules") or "").split()) == raised
        card = browser.new_page()
        card.goto((folder / "salesforce" / href).as_uri())
        said = card.locator("main").inner_text()
        assert all(told["rules"][rule]["message"] in said for rule in raised)
        drawn = " ".join(card.locator("svg").all_text_contents())
        points = told["score"]["points"] if value is not None else {}
        assert all(f"{rule}: {number} points" in drawn for rule, number in points.items())
        card.close()
    plan = stage.json("plan", "--connection", "salesforce")
    creations = [one for one in plan["changes"] if one["op"] == "create_task"]
    page.goto(addresses(folder)["index"])
    first = page.locator("section.connection").first.inner_text()
    noun = "new task" if len(creations) == 1 else "new tasks"
    assert f"The next run makes {len(creations)} {noun}" in first
    page.close()


def test_serve_gives_the_same_pages(browser: Browser, stage: Rehearsal, folder: Path) -> None:
    with serving(stage, "--at-next-slot") as served:
        (told,) = served.wait_for("serving")
        seen = seen_in(browser)
        page = seen.open(told["url"] + "/")
        assert page.url == f"{told['url']}/report/"
        for name in PAGES:
            page = seen.open(f"{told['url']}/report/salesforce/{name}.html")
            assert page.locator("h1").count() == 1
            written = (folder / "salesforce" / f"{name}.html").read_text(encoding="utf-8")
            assert seen.page.request.get(page.url).text() == written, name
        page.close()


def test_hostile_names_do_nothing_in_a_browser(browser: Browser, stage: Rehearsal, tmp_path: Path) -> None:
    accounts = stage.sql("SELECT id, name FROM accounts WHERE connection = 'salesforce'")
    for (account_id, _), name in zip(accounts, HOSTILE * 20, strict=False):
        quoted = name.replace("'", "''")
        stage.sql(f"UPDATE accounts SET name = '{quoted}' WHERE id = '{account_id}'")
    stage.holdfast("report", "--out", str(tmp_path / "hostile"))
    seen = seen_in(browser)
    seen.page.on("dialog", lambda dialog: seen.errors.append(f"dialog {dialog.message}"))
    for name, address in addresses(tmp_path / "hostile").items():
        page = seen.open(address)
        assert page.locator("main img, main script").count() == 0, name
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, name
        page.screenshot(path=tmp_path / f"hostile-{name}.png", full_page=True)
    print(f"pictures in {tmp_path}")
    seen.page.close()
    for account_id, name in accounts:
        quoted = name.replace("'", "''")
        stage.sql(f"UPDATE accounts SET name = '{quoted}' WHERE id = '{account_id}'")


@pytest.mark.skipif(not W3C.exists(), reason="the reference data (../shared/data/w3c-touches) is not here")
def test_real_rhythms_of_contact_open_clean(browser: Browser, tmp_path: Path) -> None:
    with rehearsal(tmp_path, dataset=W3C, rate_limits=False) as running:
        running.set(HOLDFAST__CUSTOMERS__KEY="all")
        running.holdfast("pull", "--connection", "salesforce")
        out = tmp_path / "report"
        running.holdfast("report", "--connection", "salesforce", "--as-of", "2022-06-30", "--out", str(out))
        seen = seen_in(browser)
        for name, address in addresses(out).items():
            page = seen.open(address)
            assert violations(page) == [], name
            page.screenshot(path=tmp_path / f"w3c-{name}.png", full_page=True)
        assert max(one.stat().st_size for one in out.rglob("*.html")) < 1_500_000
        print(f"pictures in {tmp_path}")
        seen.page.close()
