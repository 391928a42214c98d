"""Dotted names, as people say them."""

import re

_DOTTED = re.compile(r"\w+(?:\.\w+)+")


def last_part(name: str) -> str:
    """The last part of a dotted name: `UnknownSymbol` of `shop.pricing.UnknownSymbol`. Anything else as it
    is: other systems have error types with spaces and full stops in them."""
    return name.rsplit(".", 1)[-1] if _DOTTED.fullmatch(name) else name
