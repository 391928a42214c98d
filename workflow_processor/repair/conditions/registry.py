"""Every condition there is, by name, in the order in which they are looked at: the cheap ones first."""

from collections.abc import Mapping

from workflow_processor.repair.conditions.condition import Condition
from workflow_processor.repair.conditions.error_contains import ErrorContains
from workflow_processor.repair.conditions.error_matches import ErrorMatches
from workflow_processor.repair.conditions.error_type import ErrorType
from workflow_processor.repair.conditions.expression import Expression
from workflow_processor.repair.conditions.handler import Handler
from workflow_processor.repair.conditions.message_type import MessageType
from workflow_processor.repair.conditions.queue import Queue

CONDITIONS: Mapping[str, type[Condition]] = {
    condition.name: condition
    for condition in (Queue, ErrorType, Handler, ErrorContains, ErrorMatches, MessageType, Expression)
}
