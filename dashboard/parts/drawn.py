"""The small components that a list has by the hundred, drawn without a template: one for each would be most
of the list's time. `templatetags.office` makes tags of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache

from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.parts import sparkline as lines
from dashboard.parts import states, times

_TIME = '<time class="time" datetime="{}" title="{}" data-ago>{}</time>'
_COPIED = (
    '<button class="time" type="button" data-copy="{0}">'
    '<time datetime="{0}" title="{1}" data-ago>{2}</time></button>'
)
_LINE = (
    '<svg class="sparkline {0}" viewBox="0 -1 {3} 22" preserveAspectRatio="none" role="img"'
    ' aria-label="{1}: {2}"><polygon class="area" points="0,20 {4} {3},20"/>'
    '<polyline class="line" points="{4}"/></svg>'
)


@cache
def icon(name: str) -> SafeString:
    """An icon beside words; alone it says nothing to a screen reader."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("vendor/icons.svg"), name
    )


@lru_cache(maxsize=1_000)
def badge(state: str, word: str = "", bare: bool = False) -> SafeString:
    """An icon, a word and a colour, always together; `word` in place of the state's own."""
    look = states.look(state)
    return format_html(
        '<span class="badge {}{}"{}>{}{}</span>',
        look.tone,
        " bare" if bare else "",
        format_html(' title="{}"', look.meaning) if look.meaning else "",
        icon(look.icon),
        word or look.word,
    )


def badges(numbers: Iterable[tuple[str, int]]) -> SafeString:
    """How many there are in each of some states."""
    return SafeString("".join(badge(state, f"{number:,}") for state, number in numbers))


def marks(came_back: object, revision: int, repaired: object) -> SafeString:
    """What is to be known of a dead letter beside its state: `queries.marks` says what of it is so."""
    came = ["came back"] if came_back else []
    changed = ["repaired" if repaired else "edited"] if revision else []
    return SafeString("".join(map(badge, came + changed)))


def ago(when: datetime | None, copy: bool = False) -> str:
    """In few words, exact on hover; with `copy` a button that copies it as ISO 8601."""
    if not when:
        return "–"
    iso = timezone.localtime(when).isoformat()
    # No time has anything in it that HTML would take for its own.
    return SafeString((_COPIED if copy else _TIME).format(iso, times.exact(when), times.ago(when)))


def sparkline(values: Sequence[float], label: str = "Trend", tone: str = "") -> SafeString:
    """A line of numbers, with a sentence for those who do not see it."""
    drawing = lines.sparkline(values)
    if not drawing:
        return format_html('<span class="meta">{}</span>', "no trend yet")
    return format_html(_LINE, tone, label, drawing.summary, drawing.width, drawing.line)
