"""The queue that the message was read from."""

from dataclasses import dataclass

from workflow_processor.repair.conditions.named import Named, a_name
from workflow_processor.repair.steps.work import Work


@dataclass(frozen=True)
class Queue(Named):
    name = "queue"
    label = "Queue"
    what = "the queue"
    queue: str = a_name("Queue", "trades")

    @property
    def wanted(self) -> str:
        return self.queue

    def actual(self, work: Work) -> str:
        return work.failed.queue
