"""One line a happening: a word for it, then name=value. Never a payload, nor a text that quotes one."""

import json
import re

_plain = re.compile(r"[\w.:/@+-]+", re.ASCII)


def told(event: str, **values: object) -> str:
    """The line. Values that are not plain words are quoted, so that none can forge a second line."""
    return " ".join([event, *(f"{name}={_quoted(str(value))}" for name, value in values.items())])


def _quoted(value: str) -> str:
    return value if _plain.fullmatch(value) else json.dumps(value)
