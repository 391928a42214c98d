"""What expressions read of a message."""

from collections.abc import Callable, Mapping
from typing import Any

from consumers.errors import OfficeError
from workflow_processor.repair import limits
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.steps.work import Work


def variables(work: Work, it: Callable[[], Any] = lambda: None) -> Mapping[str, Callable[[], Any]]:
    """The variables of an expression, each read when it is asked for."""
    failed = work.failed
    return {
        "body": lambda: _body(work),
        "headers": lambda: _headers(work),
        "failure": lambda: {
            "error_type": failed.failure.error_type,
            "text": failed.failure.text,
            "handler": failed.failure.handler,
            "kind": str(failed.failure.kind),
            "tries": failed.failure.tries,
        },
        "queue": lambda: failed.queue,
        "attempt": lambda: failed.attempt,
        "it": it,
    }


def _body(work: Work) -> Any:
    if len(work.document.text) > limits.CEL_TEXT:
        raise Cannot(f"the body is longer than the {limits.CEL_TEXT:,} characters that expressions read")
    return work.document.plain()


def _headers(work: Work) -> Any:
    if len(work.properties.raw) > limits.CEL_TEXT:
        raise Cannot(f"its headers are longer than the {limits.CEL_TEXT:,} bytes that expressions read")
    try:
        return dict(work.properties.headers)
    except OfficeError as error:
        raise Cannot(f"its headers cannot be read: {error}") from error
