"""A body's way through a form and back. A text that nobody changed comes back as the bytes it was.

A browser shows every line end as LF and sends each as CRLF, and cannot hold a NUL. So a text goes through a
text field only where it has one kind of line end, which is named beside it. Anything else goes as Base64.
"""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass

LINE_ENDS = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}
MIXED = "mixed"

_line_end = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class BodyForm:
    """What the form's fields hold."""

    newline: str
    """How its lines end; `mixed` is for a body that is edited as Base64."""
    text: str = ""
    base64: str = ""
    why: str = ""
    """Why it is edited as Base64."""

    @property
    def as_text(self) -> bool:
        return self.newline != MIXED


def form_of(body: bytes) -> BodyForm:
    """The body as a form can carry it."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return _as_base64(
            body, f"Its {len(body):,} bytes are not UTF-8 text, so a text field would change them."
        )
    if "\0" in text:
        return _as_base64(body, "It contains a NUL character, which a text field cannot hold.")
    ends = set(_line_end.findall(text)) or {"\n"}
    if len(ends) > 1:
        return _as_base64(body, "Its line ends are mixed, and a text field would make them all the same.")
    [newline] = [name for name, end in LINE_ENDS.items() if end in ends]
    return BodyForm(newline, text=_line_end.sub("\n", text))


def western(body: bytes) -> BodyForm:
    """Bytes that are not UTF-8, read as Western European text. Where that is a text, and it is saved, it is
    UTF-8 from then on."""
    try:
        text = body.decode("cp1252")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    return form_of(text.encode())


def sent(fields: Mapping[str, str]) -> BodyForm:
    """What came back in the form's fields. Raises ValueError where they are not the form's."""
    newline = fields.get("body_newline", "")
    if newline == MIXED and "body_base64" in fields:
        return BodyForm(MIXED, base64=fields["body_base64"], why="It was entered as Base64.")
    if newline in LINE_ENDS and "body_text" in fields:
        return BodyForm(newline, text=fields["body_text"].replace("\r\n", "\n"))
    raise ValueError("There is no body in the form.")


def body_of(form: BodyForm, original: bytes) -> bytes:
    """The bytes that the form stands for: the original's own where nothing was changed. Raises ValueError
    where it cannot be read."""
    if form_of(original) == form:
        return original
    if form.as_text:
        return form.text.replace("\n", LINE_ENDS[form.newline]).encode()
    try:
        return b64decode("".join(form.base64.split()), validate=True)
    except binascii.Error as error:
        raise ValueError(f"This is not Base64: {str(error).lower()}.") from error


def language(body: bytes, content_type: str) -> str:
    """What the editor takes it for: json, xml or text."""
    start = body.lstrip()[:1]
    if "json" in content_type or start in (b"{", b"["):
        return "json"
    return "xml" if "xml" in content_type or start == b"<" else "text"


def _as_base64(body: bytes, why: str) -> BodyForm:
    return BodyForm(MIXED, base64=b64encode(body).decode(), why=why)
