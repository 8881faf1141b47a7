"""A folder of pages: `index.html` first, for each connection its pages and cards, CSV beside every table.

It opens from disk and can be mailed as one archive: links are relative, and nothing is loaded from anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any

from rules.facts import AccountFacts
from rules.rule import Verdict
from sync.pages import draw_card
from sync.pages.agenda import COLUMNS, calendar_file
from sync.pages.card import Card, card_of
from sync.pages.csv_files import Rows, csv_file, write_csv
from sync.pages.frame import STYLE, Frame, render, style
from sync.pages.line import line_of
from sync.pages.overviews import Overview, overviews
from sync.pages.scene import Scene, Visit
from sync.pages.start import Start
from sync.pages.tally import Tally
from sync.pages.words import slug

_OURS = ("*.html", "*.csv", "*.ics", "cards/*")
_TOUCHES = ("day", "kind", "direction", "outcome", "two_way", "ours", "theirs")
_THREADS = ("account", "account_id", "theirs", "title", "ours", "two_way_days", "strength")


class Site:
    """Pages in the making. `connections` are the names of all that will be recorded, for the links between them."""

    def __init__(self, out: Path, connections: Sequence[str]) -> None:
        self._out, self._connections = out, tuple(connections)
        self._starts: list[tuple[Scene, Start]] = []
        self._written: set[Path] = set()

    def record(self, scene: Scene) -> Iterator[tuple[AccountFacts, Mapping[str, Verdict]]]:
        """Yield every account with its verdicts; once all are taken, the pages of the connection stand in its folder.

        Cards are written as their accounts pass, so that memory holds one account and one line for each.
        """
        folder = self._out / slug(scene.name)
        (folder / "cards").mkdir(parents=True, exist_ok=True)
        tally = Tally(scene=scene)
        with ExitStack() as files:
            threads = files.enter_context(csv_file(self._mine(folder / "threads.csv"), _THREADS))
            meetings = files.enter_context(csv_file(self._mine(folder / "agenda.csv"), COLUMNS))
            event = files.enter_context(calendar_file(self._mine(folder / "checkins.ics"), scene.name, scene.work.now))
            for visit in scene.visits():
                tally.pass_by(visit)
                if visit.is_key:
                    line = line_of(scene, visit)
                    for entry in line.agenda:
                        meetings(*entry.row(scene.name))
                        event(entry)
                    tally.add(visit, line)
                    self._write_card(scene, folder, card_of(scene, visit, line), threads)
                elif visit.facts.account.id in scene.once_key:
                    tally.lost.append(line_of(scene, visit))
                    self._write_card(scene, folder, card_of(scene, visit, tally.lost[-1]), threads)
                yield visit.facts, visit.outlook.verdicts
        start, pages = overviews(tally)
        self._starts.append((scene, start))
        for page in pages:
            self._write_overview(scene, folder, page)

    def finish(self) -> list[Path]:
        """The start page and the style sheet stand there too, and no page or CSV of an earlier report.

        Returns the files of the report.
        """
        self._mine(self._out / STYLE).write_text(style(), encoding="utf-8")
        if self._starts:
            as_of = max(scene.today for scene, _ in self._starts)
            frame = self._frame(self._starts[0][0], "Start", here="start", root="")
            self._write(self._out / "index.html", render("start.html", frame, starts=self._starts, as_of=as_of))
        for scene, _ in self._starts:
            folder = self._out / slug(scene.name)
            for old in {*chain.from_iterable(folder.glob(one) for one in _OURS)} - self._written:
                old.unlink()
        return sorted(self._written)

    def _write_card(self, scene: Scene, folder: Path, card: Card, threads: Rows) -> None:
        path = folder / card.line.card
        frame = self._frame(scene, card.line.name, here="card", root="../../")
        self._write(path, _card_html(scene, frame, card))
        rows = ([_cell(one[name]) for name in _TOUCHES] for one in card.touches)
        write_csv(self._mine(path.with_suffix(".csv")), _TOUCHES, rows)
        account = (card.line.name, card.line.account_id)
        for row in card.grid.rows:
            for ours, knot in zip(card.grid.ours, row.knots, strict=True):
                if knot.days or knot.strength:
                    threads(*account, row.name, row.title, ours, knot.days, knot.strength)

    def _write_overview(self, scene: Scene, folder: Path, page: Overview) -> None:
        for number, contents in enumerate(page.contents, start=1):
            frame = self._frame(scene, page.title, here=page.name, root="../", page=number, pages=len(page.contents))
            html = render(f"{page.name}.html", frame, missing=page.missing, **contents)
            self._write(folder / frame.other(number), html)
        for name, sheet in page.csv.items():
            write_csv(self._mine(folder / f"{name}.csv"), sheet.header, sheet.values())

    def _frame(self, scene: Scene, title: str, **more: Any) -> Frame:
        return _frame(scene, title, connections=self._connections, **more)

    def _write(self, path: Path, html: str) -> None:
        self._mine(path).write_text(html, encoding="utf-8")

    def _mine(self, path: Path) -> Path:
        self._written.add(path)
        return path


def card_page(scene: Scene, visit: Visit) -> str:
    """Return an account's card as one HTML page with its style in it, key account or not."""
    card = card_of(scene, visit, line_of(scene, visit))
    frame = _frame(scene, card.line.name, connections=(scene.name,), here="card", root="", alone=True)
    return _card_html(scene, frame, card)


def _card_html(scene: Scene, frame: Frame, card: Card) -> str:
    pictures = {"waterfall": draw_card.waterfall(card), "timeline": draw_card.timeline(card, scene.today)}
    return render("card.html", frame, card=card, **pictures)


def _frame(scene: Scene, title: str, **more: Any) -> Frame:
    return Frame(title=title, as_of=scene.today, connection=scene.name, past=not scene.planned, **more)


def _cell(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, list) else value
