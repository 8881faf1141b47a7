"""A benchmark's figures, for people and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One line. `floor` is the same figure of the bare loop in the same run; `target` is what was set out to reach."""

    what: str
    value: float
    unit: str
    floor: float | None = None
    target: str = ""

    @property
    def ratio(self) -> float | None:
        """The figure over its floor."""
        return self.value / self.floor if self.floor else None

    def told(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("what", "value", "unit", "floor", "ratio", "target")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    name: str
    title: str
    figures: tuple[Figure, ...]

    def __str__(self) -> str:
        lines = [("", "unit", "figure", "floor", "ratio", "target")]
        lines += [
            (one.what, one.unit, _short(one.value), _short(one.floor), _short(one.ratio), one.target)
            for one in self.figures
        ]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        told = [
            "  ".join(
                cell.rjust(width) if 2 <= place <= 4 else cell.ljust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([f"{self.name}: {self.title}", *told])

    def told(self) -> dict[str, Any]:
        return {"name": self.name, "title": self.title, "figures": [one.told() for one in self.figures]}


def _short(value: float | None) -> str:
    """Three digits that mean something."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
