"""What Celery knows of a task in hand."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery.worker.request import Request

from consumers.logs import told

log = logging.getLogger(__name__)


class OfficeRequest(Request):
    """A task that may outlive the connection it came by. Celery has lost that connection then, and kombu,
    asked to acknowledge on it, breaks with an AttributeError that would end the worker: a closed channel has
    no client to take the address from (kombu 5.7.0, `transport.redis.Channel._connparams`). The broker has
    the task still and hands it out again, which does no harm: tasks may run twice."""

    def acknowledge(self) -> None:
        with self._broker_may_be_gone():
            super().acknowledge()

    def reject(self, requeue: bool = False) -> None:
        with self._broker_may_be_gone():
            super().reject(requeue)

    @contextmanager
    def _broker_may_be_gone(self) -> Iterator[None]:
        try:
            yield
        except AttributeError:
            if self._connected():
                raise  # it is there: this is something else
            log.warning(told("task-left-to-its-broker", task=self.name))

    def _connected(self) -> bool:
        message: Any = getattr(self.on_ack, "__self__", None)
        return message is None or message.channel.connection.client is not None
