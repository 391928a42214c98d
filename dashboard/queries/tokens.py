"""The spelling of the filter language: `status:parked,waiting -handler:x "free text"` as tokens.

    query  = { token }                                separated by white space; every token must hold
    token  = ["-"] ( key ":" value { "," value } | value )      any of the values must hold
    key    = name { "." name | "." quoted | "[" [ number ] "]" }        body.lines[0].qty, header.desk
    value  = quoted | word                                  in a word `*` stands for any characters
    quoted = '"' { character | '\\"' | '\\\\' } '"'

A word of a key ends at a comma, a free one does not: `BUY,AAPL` is one thing to look for.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

LENGTH_LIMIT = 2_000
"""Characters of a query."""

_SPACE = re.compile(r"\s*")
_KEY = re.compile(r'([A-Za-z][\w\-]*)((?:\.[^\s.,:"\[\]]+|\."(?:[^"\\]|\\["\\])+"|\[\d{0,6}\])*):')
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
_WORD = re.compile(r'[^\s,"]+')
_FREE_WORD = re.compile(r'[^\s"]+')
_UNSEARCHABLE = re.compile("[\0\ud800-\udfff]")


class QueryError(ValueError):
    """A query that cannot be read, and the characters that are why. Permanent: the text must change."""

    def __init__(self, text: str, start: int, end: int, message: str) -> None:
        super().__init__(message)
        self.text, self.start, self.end, self.message = text, start, max(end, start + 1), message

    @property
    def before(self) -> str:
        return self.text[: self.start]

    @property
    def marked(self) -> str:
        """The characters at fault; empty where something is missing at the end."""
        return self.text[self.start : self.end]

    @property
    def after(self) -> str:
        return self.text[self.end :]


class Value(NamedTuple):
    text: str
    quoted: bool
    start: int
    end: int

    @property
    def wild(self) -> bool:
        return not self.quoted and "*" in self.text


class Token(NamedTuple):
    key: str
    """In lower case; empty for free text."""
    path: str
    """What follows the key's name, as it was typed: `.lines[0].qty`."""
    values: tuple[Value, ...]
    negated: bool
    start: int
    end: int

    def __str__(self) -> str:
        """The token as it can be typed."""
        spelled = ",".join(
            spell(value.text, bare=not value.quoted, free=not self.key) for value in self.values
        )
        return ("-" if self.negated else "") + (f"{self.name}:" if self.key else "") + spelled

    @property
    def name(self) -> str:
        """The key with its path."""
        return self.key + self.path


def spell(text: str, *, bare: bool = False, free: bool = False) -> str:
    """A value as it can be typed: in quotes where a word would mean something else. A `free` one stands
    without a key, so that a colon in it could make it one."""
    if bare or (re.fullmatch(r'[^\s,"*\-<>:][^\s,"*]*', text) and not (free and _KEY.match(text))):
        return text
    return '"' + re.sub(r'["\\]', r"\\\g<0>", text) + '"'


def unquoted(inner: str) -> str:
    """What stands between two quotes, without its backslashes."""
    return re.sub(r'\\(["\\])', r"\1", inner)


def tokens(text: str) -> list[Token]:
    """The tokens of a query. Raises QueryError."""
    if len(text) > LENGTH_LIMIT:
        message = f"A query has at most {LENGTH_LIMIT:,} characters; this has {len(text):,}."
        raise QueryError(text, LENGTH_LIMIT, len(text), message)
    if found := _UNSEARCHABLE.search(text):
        raise QueryError(text, *found.span(), "This character cannot stand in any text that is searched.")
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    at = _skip(text, 0)
    while at < len(text):
        token = _token(text, at)
        yield token
        at = _skip(text, token.end)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _token(text: str, start: int) -> Token:
    negated = text[start] == "-"
    at = start + negated
    if negated and (at == len(text) or text[at].isspace()):
        raise QueryError(text, start, at, "A minus stands right before what it excludes: -status:parked.")
    if not (key := _KEY.match(text, at)):
        value = _value(text, at, _FREE_WORD)
        return Token("", "", (value,), negated, start, value.end)
    name = key[1] + key[2]
    values = [_value(text, key.end(), _WORD, name)]
    while text[values[-1].end : values[-1].end + 1] == ",":
        values.append(_value(text, values[-1].end + 1, _WORD, name))
    return Token(key[1].lower(), key[2], tuple(values), negated, start, values[-1].end)


def _value(text: str, at: int, word: re.Pattern[str], key: str = "") -> Value:
    """The value that starts here; after it comes a space, the end or, with a key, a comma."""
    if text[at : at + 1] == '"':
        found = _QUOTED.match(text, at)
        if not found:
            raise QueryError(text, at, at + 1, _quote_trouble(text, at))
        value = Value(unquoted(found[1]), True, at, found.end())
    elif found := word.match(text, at):
        value = Value(found[0], False, at, found.end())
    else:
        raise QueryError(text, at, at + 1, f"A value is missing: {key}: is followed by what to look for.")
    rest = text[value.end : value.end + 1]
    if rest and not rest.isspace() and not (key and rest == ","):
        message = 'A value is either all in quotes or not at all; a quote in it is written \\".'
        raise QueryError(text, value.end, value.end + 1, message)
    return value


def _quote_trouble(text: str, at: int) -> str:
    if re.search(r'\\[^"\\]', text[at:]):
        return 'In quotes a backslash stands before a quote or a backslash only: \\" and \\\\.'
    return "This quote is not closed."
