"""A picture as plain data: shapes with classes, from which one template makes SVG. Colours are the style sheet's.

Every picture has a title and a description, and stands beside a table with the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A rectangle; `round_by` rounds its corners."""

    x: float
    y: float
    width: float
    height: float
    css: str
    tip: str = ""
    round_by: float = 0
    shape: str = "box"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stroke:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    css: str
    shape: str = "stroke"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trail:
    """A line through points, filled where the style sheet says so."""

    points: tuple[tuple[float, float], ...]
    css: str
    shape: str = "trail"

    @property
    def path(self) -> str:
        """The points as the `d` of a path."""
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in self.points)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dot:
    """A circle."""

    x: float
    y: float
    radius: float
    css: str
    tip: str = ""
    shape: str = "dot"


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """Text that ends, begins or is centred at a point (`anchor`: start | middle | end)."""

    x: float
    y: float
    text: str
    css: str = ""
    anchor: str = "start"
    shape: str = "label"


Shape = Box | Stroke | Trail | Dot | Label


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """`name` is unique on a page; `title` and `told` are read aloud, `told` with the picture's message in numbers."""

    name: str
    title: str
    told: str
    width: float
    height: float
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """Maps values from `low` to `high` onto a stretch of pixels."""

    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        """Return the place of a value; those outside are put at the border."""
        part = (value - self.low) / ((self.high - self.low) or 1)
        return round(self.begin + min(max(part, 0.0), 1.0) * (self.end - self.begin), 1)
