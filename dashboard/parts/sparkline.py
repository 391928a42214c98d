"""A line of numbers as a drawing: no script, no fetch, and a sentence for those who do not see it."""

from collections.abc import Sequence
from typing import NamedTuple

HEIGHT = 20.0


class Sparkline(NamedTuple):
    width: int
    line: str
    """The points of an SVG polyline in a box `width` wide and 20 high."""
    summary: str


def sparkline(values: Sequence[float]) -> Sparkline | None:
    """None where there are not two numbers to draw a line between."""
    if len(values) < 2:
        return None
    top = max(*values, 1)
    line = " ".join(f"{x},{HEIGHT - value / top * HEIGHT:.1f}" for x, value in enumerate(values))
    return Sparkline(len(values) - 1, line, f"from {min(values):g} to {max(values):g}, last {values[-1]:g}")
