"""How much a rule may make, read and say. What goes beyond a limit is left alone, with that reason."""

BODY = 1024 * 1024
"""Bytes of a body that staff rules read."""
NESTING = 64
"""Objects and arrays within one another."""
VALUES = 30_000
"""Values in one JSON body that is taken apart."""
PLACES = 10_000
"""Places that one path may name in one body."""
GROWTH, ROOM = 2, 64 * 1024
"""A repaired body has at most GROWTH times the bytes of the given one, and ROOM more; so have properties."""

STEPS = 20
TEXT = 4_000
"""Characters of one text in a definition: a value, a pattern, a patch."""
TABLE = 500
"""Lines of a table in a definition."""
DEFINITION = 256 * 1024
"""Bytes of a definition as JSON."""

EXPRESSION = 500
"""Characters of a CEL expression."""
CEL_TEXT = 32 * 1024
"""Characters of a body, or of headers, that a CEL expression reads."""
CEL_ITEMS = 200
"""Items of a list, or members of an object, that a CEL expression reads."""
CEL_COPIES = 3
"""Texts that a CEL expression makes for each item of a list that it walks."""
CEL_NESTING = 16
PATTERN_MEMORY = 1 << 20
"""Bytes that RE2 may use for one pattern."""
PATTERN_STEPS = 30_000_000
"""The size of a pattern's program times the characters it is looked for in: at worst a second or so."""
CEL_STEPS = 100_000_000
"""The same for all patterns of an expression, as if every item of a list that it walks were all it reads."""


def grown(before: int, after: int) -> bool:
    """Whether so many bytes are too many for what they were made of."""
    return after > GROWTH * before + ROOM
