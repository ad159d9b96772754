"""The geometry of the charts: pure functions from numbers to boxes. Templates draw them, the style sheet fills them.

Lengths are in units of a drawing that is ``WIDTH`` wide. A number above zero always gets a box that can be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from screening.web.languages import format_count

WIDTH = 1040
"""The width of both drawings."""
SMALLEST = 4.0
"""The least length of a box for a number above zero."""

BARS_TOGETHER = 6
"""The number of bars in one drawing."""
LEGEND, BAR_STEP, BAR_TEXT, SECOND_LINE = 44, 74, 24, 22
"""Heights: of the legend, from bar to bar, above the base line of a name, and of a second line."""
LONGEST_LINE, LONGEST_NAME = 96, 90
"""The number of characters for which there is room, in print too."""

COLUMN_WIDTH, COLUMN_HEIGHT, COLUMN_TOP = 104, 176, 38


class Box(NamedTuple):
    """A part of a bar: the class that fills it, and where it begins and how wide it is."""

    kind: str
    x: float
    width: float


class Bar(NamedTuple):
    """A bar with its name and numbers above; ``numbers_y`` is lower if they do not fit beside the name."""

    name: str
    numbers: str
    name_y: int
    numbers_y: int
    y: int
    boxes: tuple[Box, ...]

    @property
    def has_own_line(self) -> bool:
        """True if the numbers stand below the name."""
        return self.numbers_y > self.name_y


class Drawing(NamedTuple):
    """Bars that are drawn together, and the height of the drawing; the first one has a legend above its bars."""

    bars: tuple[Bar, ...]
    height: int


class Column(NamedTuple):
    """A column: its label below, its number on top, and its box."""

    label: str
    number: int
    kind: str
    x: float
    y: float
    height: float

    @property
    def middle(self) -> float:
        """Where its label and its number are centred."""
        return self.x + COLUMN_WIDTH / 2

    @property
    def number_y(self) -> float:
        """The base line of its number."""
        return self.y - 8


class Part(NamedTuple):
    """A part of a bar to draw: the class that fills it, what it is called, and its number."""

    kind: str
    label: str
    number: int


def stacked_bars(rows: Sequence[tuple[str, Sequence[Part]]]) -> tuple[Drawing, ...]:
    """Return one bar of full width for each row of a name and its parts; parts of zero have no box.

    A row without any number has no bar. Many bars make several drawings, because paper ends between drawings only.
    """
    shown = [(name, some) for name, parts in rows if (some := [part for part in parts if part.number])]
    groups = [shown[start : start + BARS_TOGETHER] for start in range(0, len(shown), BARS_TOGETHER)]
    return tuple(_drawing(group, LEGEND if place == 0 else 0) for place, group in enumerate(groups))


def _drawing(rows: Sequence[tuple[str, Sequence[Part]]], y: int) -> Drawing:
    """Return bars one below the other, the first at the height ``y``."""
    bars = list[Bar]()
    for name, parts in rows:
        numbers = " · ".join(f"{format_count(part.number)} {part.label}" for part in parts)
        short_name = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"
        extra = SECOND_LINE if len(short_name) + len(numbers) > LONGEST_LINE else 0
        name_y = y + BAR_TEXT
        bars.append(Bar(short_name, numbers, name_y, name_y + extra, name_y + extra + 10, _boxes(parts)))
        y += BAR_STEP + extra
    return Drawing(tuple(bars), y)


def _boxes(parts: Sequence[Part]) -> tuple[Box, ...]:
    widths = shares([part.number for part in parts], WIDTH)
    begins = [round(sum(widths[:place]), 1) for place in range(len(widths))]
    return tuple(Box(part.kind, x, round(width, 1)) for part, x, width in zip(parts, begins, widths, strict=True))


def shares(numbers: Sequence[int], length: float) -> list[float]:
    """Divide a length in proportion to numbers above zero; none gets less than ``SMALLEST``."""
    total, widths = sum(numbers), list[float]()
    small = [number * length < SMALLEST * total for number in numbers]
    left = length - SMALLEST * sum(small)
    rest = sum(number for number, is_small in zip(numbers, small, strict=True) if not is_small)
    for number, is_small in zip(numbers, small, strict=True):
        widths.append(SMALLEST if is_small else left * number / rest)
    return widths


def columns(spans: Sequence[tuple[str, int]], kinds: Sequence[str]) -> tuple[Column, ...]:
    """Return one column for each label and number, the highest of full height; a number of zero has no height."""
    highest, step = max((number for _, number in spans), default=0) or 1, WIDTH / max(len(spans), 1)
    return tuple(
        Column(
            label=label,
            number=number,
            kind=kind,
            x=round(step * place + (step - COLUMN_WIDTH) / 2, 1),
            y=round(COLUMN_TOP + COLUMN_HEIGHT - height, 1),
            height=round(height, 1),
        )
        for place, ((label, number), kind) in enumerate(zip(spans, kinds, strict=True))
        for height in [max(number * COLUMN_HEIGHT / highest, SMALLEST) if number else 0.0]
    )
