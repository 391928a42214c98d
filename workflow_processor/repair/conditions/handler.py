"""The function that failed, as module and name."""

from dataclasses import dataclass

from workflow_processor.repair.conditions.named import Named, a_name
from workflow_processor.repair.steps.work import Work


@dataclass(frozen=True)
class Handler(Named):
    name = "handler"
    label = "Handler"
    what = "the handler"
    handler: str = a_name("Handler", "shop.orders.place")

    @property
    def wanted(self) -> str:
        return self.handler

    def actual(self, work: Work) -> str:
        return work.failed.failure.handler
