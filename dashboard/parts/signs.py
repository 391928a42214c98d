"""Characters that nobody would see, or that would turn a text around, as signs that are seen."""

_CONTROLS = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n\r"} | {127: "␡"}
# These turn text around on the screen, so that it reads as something it is not.
_DIRECTIONS = {code: f"⟨U+{code:04X}⟩" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_SHOWN = _CONTROLS | _DIRECTIONS


def shown(text: str) -> str:
    """The text as it can be shown; the same where there is nothing to hide."""
    return text.translate(_SHOWN)
