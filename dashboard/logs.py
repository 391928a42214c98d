"""Logs: one line an event, for people (console) or for machines (json). Payloads are never logged."""

from typing import Any, Literal

import orjson
import structlog
from structlog.typing import Processor

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]

PER_EVENT = ("uvicorn.access", "celery.beat", "celery.worker.strategy", "celery.app.trace")


def configure(form: Literal["console", "json"], level: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING, so that both give the same lines on stderr."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer(form)],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Django and uvicorn bring handlers of their own: here their lines go the one way.
        "loggers": {
            name: {"handlers": [], "propagate": True, "level": "NOTSET"}
            for name in ("django", "django.server", "uvicorn", "uvicorn.error")
        }
        # A page that nobody finds is no trouble of ours.
        | {"django.request": {"level": "ERROR"}}
        # A line for every page and every task drowns the rest; timelines and figures say it better.
        | {name: {"handlers": [], "propagate": True, "level": "WARNING"} for name in PER_EVENT},
    }


def renderer(form: Literal["console", "json"]) -> list[Processor]:
    """The last steps of a line. Tracebacks are plain: the rich kind prints local variables, so payloads."""
    if form == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=as_json)]
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain, pad_event_to=0)]


def as_json(event: Any, **_: Any) -> str:
    """An event as one line; what JSON has no form for is written as Python shows it."""
    return orjson.dumps(event, default=repr).decode()
