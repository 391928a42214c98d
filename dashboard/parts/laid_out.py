"""JSON laid out for reading: only the white space between its parts is changed, so that 1.10 stays 1.10."""

import json
import re

LIMIT = 64 * 1024
"""Bytes. Longer bodies are read as they are."""
INDENT = "  "

_PART = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


def laid_out(body: bytes) -> str:
    """The body with a line for each of its parts; empty where it is not JSON or would gain nothing."""
    if len(body) > LIMIT or body.lstrip()[:1] not in (b"{", b"["):
        return ""
    try:
        text = body.decode()
        json.loads(text)
    except (ValueError, RecursionError):
        return ""
    shown = _spread(_PART.findall(text))
    return "" if shown == text.strip() else shown


def _spread(parts: list[str]) -> str:
    lines, depth = [""], 0
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        if part in "}]" and lines[-1].strip():
            depth -= 1
            lines.append(INDENT * depth)
        elif part in "}]":
            depth -= 1
            lines[-1] = INDENT * depth
        lines[-1] += f"{part} " if part == ":" else part
        if part in "{[":
            depth += 1
        if part == "," or (part in "{[" and following not in ("}", "]")):
            lines.append(INDENT * depth)
    return "\n".join(lines)
