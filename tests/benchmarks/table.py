"""The table that a run prints."""

from collections.abc import Iterator, Sequence

from tests.benchmarks.rounds import Beside, Figures, Row

_line = "{:<3}{:<38}{:<10}{:>22}  {:<34}{:>22}{:>9}{:>9}  {}"


def drawn(rows: Sequence[Row]) -> str:
    """All rows, as text."""
    return "\n".join([heading(), *(line for row in rows for line in lines(row))])


def heading() -> str:
    return _line.format("#", "work", "broker", "the office", "beside", "that", "ratio", "goal", "")


def lines(row: Row) -> Iterator[str]:
    """One line for each thing that the row is beside, or one alone."""
    first = (row.number, row.work, row.broker, _told(row.ours, row.unit))
    if not row.beside:
        yield _line.format(*first, "", "", "", "", "")
    for place, beside in enumerate(row.beside):
        yield _line.format(
            *(first if place == 0 else ("", "", "", "")),
            beside.name,
            _told(row.figures[beside.name], row.unit),
            f"{row.ratio(beside):.2f}",
            _goal(beside),
            "" if row.reached(beside) else "missed",
        )


def _goal(beside: Beside) -> str:
    return "" if beside.goal is None else f"{'≤' if beside.at_most else '≥'} {beside.goal:g}"


def _told(figures: Figures, unit: str) -> str:
    value = figures.median
    number = f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"
    return f"{number} {unit} ±{figures.spread:.0%}"
