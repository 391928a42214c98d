"""Text as PostgreSQL can keep it."""

NAME_LIMIT, TEXT_LIMIT, TRACEBACK_LIMIT = 500, 2_000, 32_000
"""Characters kept of names, of an error's text and of a traceback. PostgreSQL's indexes refuse long names."""


def storable(text: str | None, limit: int) -> str:
    """The text without NUL and lone surrogates, and no longer than the limit."""
    if not text:
        return ""
    if text.isascii() and "\0" not in text:
        return text[:limit]
    clean = text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
    return clean[:limit]
