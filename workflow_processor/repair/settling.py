"""Applying a rule twice must be applying it once: a message that comes back is not to be changed further and
further, and what a clerk sees in a preview is what every run gives.

Most steps settle by their nature. For the others, and for steps that touch one another's places, the rule is
applied to its own result each time, and where that changes again the message is left alone.
"""

from collections.abc import Sequence
from itertools import combinations

from workflow_processor.repair.steps.patch import Patch
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.texts.readings import AsLines, Reading


def settles_by_form(steps: Sequence[Step], reading: Reading) -> bool:
    """Whether it is certain without a try."""
    if isinstance(reading, AsLines) and len(steps) > 1:  # a column has a name and a number
        return False
    return all(step.settles for step in steps) and not any(
        one.touches(other)
        for step, another in combinations(steps, 2)
        for one in step.touched
        for other in another.touched
    )


def unsettled_by_form(steps: Sequence[Step]) -> str:
    """Why the steps never settle, whatever the message; "" where that is not certain."""
    for step in steps:
        if isinstance(step, Patch) and (what := _adds_again(step)):
            return f"the patch adds to {what} each time it is applied"
    return ""


def _adds_again(step: Patch) -> str:
    tested = any(operation.op == "test" for operation in step.operations)
    again = (one for one in step.operations if one.op in ("add", "copy") and one.path[-1:] == ("-",))
    return "" if tested else next(("/" + "/".join(one.path[:-1]) for one in again), "")
