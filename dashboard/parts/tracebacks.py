"""A Python traceback as frames, so that the user's own code stands out from the libraries'."""

import re
from dataclasses import dataclass, field, replace

_FRAME = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?$')
_START = "Traceback (most recent call last):"
_LIBRARY = re.compile(r"/(?:site|dist)-packages/|/lib/python\d|^<frozen ")


@dataclass(frozen=True, slots=True)
class Frame:
    file: str
    line: int
    function: str
    code: str = ""
    last: bool = False
    """The last of the user's own frames: the place to look first."""

    @property
    def library(self) -> bool:
        return bool(_LIBRARY.search(self.file))

    @property
    def place(self) -> str:
        return f"{re.split(r'/(?:site|dist)-packages/', self.file)[-1]}:{self.line}"

    @property
    def statement(self) -> str:
        """The first line of its code."""
        return self.code.partition("\n")[0].strip()


@dataclass(slots=True)
class Raised:
    """One exception of a chain, with the words that join it to the one before."""

    link: str = ""
    frames: list[Frame] = field(default_factory=list)
    exception: str = ""


def parse(text: str) -> list[Raised]:
    """The chain of exceptions, the last one raised last. Empty where the text is not a Python traceback."""
    if _START not in text:
        return []
    chain: list[Raised] = []
    link = ""
    for part in text.split(f"{_START}\n")[1:]:
        raised, link = _raised(part.splitlines(), link)
        chain.append(raised)
    return chain


def origin(text: str) -> Frame | None:
    """The user's own frame that the last exception came from: the place to look first."""
    return next((frame for raised in reversed(parse(text)) for frame in raised.frames if frame.last), None)


def _raised(lines: list[str], link: str) -> tuple[Raised, str]:
    raised = Raised(link)
    code: list[str] = []
    rest: list[str] = []
    for line in lines:
        if not rest and (match := _FRAME.match(line)):
            _close(raised, code)
            raised.frames.append(Frame(match["file"], int(match["line"]), match["function"] or "<module>"))
            code = []
        elif not rest and line.startswith("    "):
            code.append(line)
        else:
            rest.append(line)
    _close(raised, code)
    _mark(raised.frames)
    raised.exception, _, after = "\n".join(rest).partition("\n\n")
    return raised, after.strip()


def _close(raised: Raised, code: list[str]) -> None:
    if raised.frames and code:
        raised.frames[-1] = replace(raised.frames[-1], code="\n".join(line[4:] for line in code))


def _mark(frames: list[Frame]) -> None:
    own = [index for index, frame in enumerate(frames) if not frame.library]
    if frames:
        index = own[-1] if own else -1
        frames[index] = replace(frames[index], last=True)
