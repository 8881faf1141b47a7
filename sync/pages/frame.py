"""What every page has around its contents, and the templates' environment."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rules.people_measures import window_text
from rules.wording import count_text
from sync.pages import words
from sync.pages.heatmap import heat
from sync.pages.peers import NAMES, SAID
from sync.pages.words import slug

#: The pages of a connection by file name without its end, in the order in which they are linked.
PAGES: Mapping[str, str] = MappingProxyType({
    "accounts": "Key accounts",
    "coverage": "Who knows whom",
    "checkins": "Executive check-ins",
    "peering": "Counterparts",
    "people": "Revenue at risk",
    "spread": "Spread of contact",
    "trend": "Trend",
    "quality": "Rules",
})  # fmt: skip

STYLE = "holdfast.css"


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """Where a page stands: `root` leads to the start page's folder, `here` is a key of PAGES, `card` or `start`.

    `page` of `pages` is told where a list is longer than a page. `alone` is a page that has no other beside it.
    """

    title: str
    here: str
    root: str
    as_of: date
    connection: str
    connections: tuple[str, ...]
    past: bool = False
    page: int = 1
    pages: int = 1
    alone: bool = False

    @property
    def policy(self) -> str:
        """What a browser may do on this page."""
        return policy(_digest(style())) if self.alone else policy()

    def link(self, connection: str, page: str) -> str:
        """Return the address of a page of a connection from here."""
        return f"{self.root}{slug(connection)}/{page}.html"

    def other(self, page: int) -> str:
        """Return the address of another page of the same list."""
        return paged(self.here, page)


def paged(name: str, page: int) -> str:
    """Return the file name of one page of a list."""
    return f"{name}.html" if page == 1 else f"{name}-{page}.html"


@cache
def environment() -> Environment:
    """Return the environment: everything is escaped, a name that is not there is an error."""
    env = Environment(
        loader=PackageLoader("sync.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=words.shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters.update(
        day=words.day, share=words.share, money=words.money, short=words.short, count=count_text, window=window_text
    )
    env.globals.update(NAMES=NAMES, SAID=SAID)
    env.globals.update(heat=heat, PAGES=PAGES, STYLE=STYLE, slug=slug, script=Markup(script()), style=Markup(style()))  # noqa: S704 - our own file
    return env


def render(template: str, frame: Frame, **more: Any) -> str:
    """Return a page as HTML."""
    return environment().get_template(template).render(frame=frame, **more)


@cache
def script() -> str:
    """The one script of the pages: searching, sorting and filtering in tables."""
    return (files("sync.pages") / "templates" / "tables.js").read_text(encoding="utf-8")


@cache
def policy(style_source: str = "'self' file:") -> str:
    """What a browser may do on a page: our style sheet and this very script, and nothing else (CSP level 3)."""
    allowed = f"default-src 'none'; style-src {style_source}; script-src {_digest(script())}"
    return f"{allowed}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def style() -> str:
    """The style sheet."""
    return (files("sync.pages") / "templates" / STYLE).read_text(encoding="utf-8")
