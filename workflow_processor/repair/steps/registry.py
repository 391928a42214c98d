"""Every step there is, by name, in the order in which they are offered. No other can be named."""

from collections.abc import Mapping

from workflow_processor.repair.steps.default import Default
from workflow_processor.repair.steps.lower import Lower
from workflow_processor.repair.steps.map import Map
from workflow_processor.repair.steps.move import Move
from workflow_processor.repair.steps.parse_date import ParseDate
from workflow_processor.repair.steps.patch import Patch
from workflow_processor.repair.steps.remove import Remove
from workflow_processor.repair.steps.remove_header import RemoveHeader
from workflow_processor.repair.steps.rename import Rename
from workflow_processor.repair.steps.replace import Replace
from workflow_processor.repair.steps.return_address import ReturnAddress
from workflow_processor.repair.steps.set import Set
from workflow_processor.repair.steps.set_header import SetHeader
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.steps.take_number import TakeNumber
from workflow_processor.repair.steps.to_boolean import ToBoolean
from workflow_processor.repair.steps.to_number import ToNumber
from workflow_processor.repair.steps.to_text import ToText
from workflow_processor.repair.steps.trim import Trim
from workflow_processor.repair.steps.upper import Upper
from workflow_processor.repair.steps.value import ByExpression

STEPS: Mapping[str, type[Step]] = {
    step.name: step
    for step in (
        TakeNumber,
        ToNumber,
        ToText,
        ToBoolean,
        ParseDate,
        Trim,
        Upper,
        Lower,
        Map,
        Replace,
        Default,
        Set,
        Remove,
        Rename,
        Move,
        ByExpression,
        Patch,
        SetHeader,
        RemoveHeader,
        ReturnAddress,
    )
}
