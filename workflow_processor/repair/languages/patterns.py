"""Patterns that people write, in RE2: they take time in proportion to the text, whatever they say."""

from functools import lru_cache
from typing import Any

import re2

from workflow_processor.repair import limits
from workflow_processor.repair.kinds import Kind, text_of
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts.document import encodable


@lru_cache(maxsize=1000)
def compiled(pattern: str) -> Any:
    """The pattern, ready to be looked for. Raises ValueError, which says what is wrong with it."""
    options = re2.Options()
    options.max_mem = limits.PATTERN_MEMORY
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        raise ValueError(f"the pattern cannot be used: {_told(said)}") from error


def fit(pattern: str, text: str) -> Any:
    """The same, to be looked for in this text. Raises Cannot where it could take too long, or not be done."""
    found = compiled(pattern)
    if found.programsize * len(text) > limits.PATTERN_STEPS:
        raise Cannot(f"the pattern is too complex for a text of {len(text):,} characters")
    if not encodable(text):
        raise Cannot("the text has characters that patterns cannot read")
    return found


def _told(said: object) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)


def _read(raw: Any) -> str:
    text = text_of(raw)
    if not text:
        raise ValueError("it is empty")
    compiled(text)
    return text


PATTERN = Kind("pattern", _read)
