"""Contrast, as WCAG 2.2 AA wants it, of every pair of colours that the pages put on each other."""

import re
from pathlib import Path

import pytest

import dashboard

TOKENS = (Path(dashboard.__file__).parent / "static/css/tokens.css").read_text()
COLOURS = dict(re.findall(r"--([a-z-]+): light-dark\((#\w{6}, #\w{6})\);", TOKENS))
GROUNDS = ("page", "surface", "raised", "sunken", "hover")
TONES = ("red", "amber", "blue", "green", "violet", "grey")
TEXT, PART = 4.5, 3.0
PAIRS = [
    *((text, ground, TEXT) for text in ("ink", "ink-soft", "ink-faint", "accent") for ground in GROUNDS),
    *((tone, ground, TEXT) for tone in TONES for ground in ("page", "surface", "raised", f"{tone}-soft")),
    *((text, f"{tone}-soft", TEXT) for text in ("ink", "ink-soft") for tone in (*TONES, "accent")),
    ("accent", "accent-soft", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-strong", TEXT),
    *(("line-strong", ground, PART) for ground in ("page", "surface", "raised")),
]


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
def test_a_colour_can_be_told_from_its_ground(text: str, ground: str, least: float, theme: int) -> None:
    lights = sorted(luminance(COLOURS[name].split(", ")[theme]) for name in (text, ground))
    assert (lights[1] + 0.05) / (lights[0] + 0.05) >= least
