"""What the words of a text tell of it, by what the latest messages say.

An index of letters in threes reads all that it has of a common word, however rare the text is that the word
is in; of a text that is rare itself, no more has to be read than the index.
"""

import re
from collections.abc import Iterable, Sequence

from dashboard.queries.patterns import pattern
from dashboard.queries.tokens import Value
from workflow_processor import sql

LATEST = 200
"""Messages that tell what is common, for most of them say it, and what is rare, for none does."""
MOST = 10
"""Words that are looked for."""

_INDEXED = re.compile("[A-Za-z0-9]{3}")
"""A word without that is in no index."""


def telling(value: Value) -> list[str]:
    """The words of a text that few messages say, with the white space on either side; none where it has no
    others."""
    words = sorted(filter(_INDEXED.search, _words(value)), key=len)[-MOST:]
    if len(words) < 2:
        return []
    patterns = _patterns(Value(word, True, 0, 0) for word in words)
    found = sql.run(_FEW, {"patterns": patterns, "latest": LATEST})
    few = [word for word, row in zip(words, found, strict=True) if row.few]
    return few if len(few) < len(words) else []


def rare(values: Sequence[Value]) -> bool:
    """Whether none of the latest messages has one of these texts in it."""
    [row] = sql.run(_RARE, {"patterns": _patterns(values), "latest": LATEST})
    return bool(row.rare)


def _words(value: Value) -> list[str]:
    text = value.text
    found = re.finditer(r"[^\s*]+" if value.wild else r"\S+", text)
    around = (text[max(0, word.start() - 1) : word.end() + 1] for word in found)
    return [word.strip("*") if value.wild else word for word in around]


def _patterns(values: Iterable[Value]) -> list[str]:
    return [f"%{pattern(value)}%" for value in values]


# The beginning of a large body is enough to go by.
_FEW = """
WITH latest AS MATERIALIZED (
    SELECT upper(error_text || ' ' || left(body_text, 4000)) AS text FROM searchable
    ORDER BY dead_letter_id DESC LIMIT %(latest)s
)
SELECT (SELECT count(*) FILTER (WHERE text LIKE upper(pattern)) * 2 < count(*) FROM latest) AS few
FROM unnest(%(patterns)b::text[]) WITH ORDINALITY AS looked_for(pattern, place) ORDER BY place
"""
_RARE = """
SELECT NOT EXISTS (
    SELECT FROM unnest(%(patterns)b::text[]) AS pattern, (
        SELECT upper(error_text || ' ' || left(body_text, 4000)) AS text FROM searchable
        ORDER BY dead_letter_id DESC LIMIT %(latest)s
    ) AS latest WHERE text LIKE upper(pattern)
) AS rare
"""
