"""The rules that an edit is an instance of: what makes the same edit, byte for byte, and nothing else.

For each place that the edit changed, every step says which steps of its kind could have done it; what does it
is kept, in the registry's order, for every item of a list before this item alone. The rules are for the queue
and the error that the message failed with.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from consumers.errors import OfficeError
from consumers.message import Message
from consumers.repair import FailedMessage
from workflow_processor.repair.changes import Added, Change, Changed, Moved, Removed
from workflow_processor.repair.conditions.error_type import ErrorType
from workflow_processor.repair.conditions.queue import Queue
from workflow_processor.repair.definition import Definition, parse, to_json
from workflow_processor.repair.outcomes import Cannot, NothingToDo
from workflow_processor.repair.parameters import DefinitionError
from workflow_processor.repair.proposals import differences, readings
from workflow_processor.repair.staff_rule import Attempt, Repaired, StaffRule
from workflow_processor.repair.steps.registry import STEPS
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.surroundings import Surroundings
from workflow_processor.repair.texts.lines import Lines
from workflow_processor.repair.texts.paths import EVERY, Path
from workflow_processor.repair.texts.readings import AsJson, AsLines, Reading

MOST = 8
"""How many rules are proposed."""
BODY = 128 * 1024
"""Bytes of a body that is looked at; somebody waits for the page."""
PLACES = 10
"""How many places an edit may have changed that a rule is made of."""


class Proposal(NamedTuple):
    definition: Definition
    words: str
    """What it does, in words."""


def propose(
    before: FailedMessage, after: Message, addresses: tuple[str, str] = ("", "")
) -> tuple[Proposal, ...]:
    """The rules that make this edit, the most general first; none where no rule does. `addresses` are the
    return address before and after."""
    if max(len(before.message.body), len(after.body)) > BODY:
        return ()
    return tuple(islice(_proposals(before, after, addresses), MOST))


def _proposals(before: FailedMessage, after: Message, addresses: tuple[str, str]) -> Iterator[Proposal]:
    around = Surroundings(frozenset(addresses))
    for reading, changes in _readings(before.message, after, addresses):
        work = Work(before, reading, around, before.message.properties, addresses[0])
        for steps in _together([_ways(change, work) for change in changes]):
            definition = _definition(before, reading, steps)
            if not definition:
                continue
            attempt = StaffRule(definition, "proposed", 1, around).attempt(before, addresses[0])
            if _is(attempt, after, addresses[1]):
                yield Proposal(definition, " and ".join(step.words() for step in steps))


def _readings(
    before: Message, after: Message, addresses: tuple[str, str]
) -> Iterator[tuple[Reading, list[Change]]]:
    """What was changed, by every way to read both bodies; in whichever the edit shows."""
    try:
        others = [*differences.of_headers(before, after), *differences.of_addresses(*addresses)]
    except OfficeError:
        return
    if before.body == after.body:
        yield AsJson(), others
        return
    for reading in readings.likely(before.body):
        with suppress(Cannot):
            found = differences.of_bodies(reading.document(before.body), _after(reading).document(after.body))
            if found and len(found) + len(others) <= PLACES:
                yield reading, [*found, *others]


def _after(reading: Reading) -> Reading:
    """How the same body is read after an edit, which may have left it fewer columns."""
    return replace(reading, columns=()) if isinstance(reading, AsLines) else reading


def _ways(change: Change, work: Work) -> list[Step]:
    """The steps that could have made this change, the likeliest first."""
    kinds = [kind for kind in STEPS.values() if work.reading.name in kind.bodies]
    wide = _widened(change, work)
    guesses = (step for kind in kinds for one in wide for step in _guesses(kind, one, work.reading))
    return [step for step in guesses if _does(step, change, work)]


def _guesses(kind: type[Step], change: Change, reading: Reading) -> Sequence[Step]:
    try:
        steps = list(kind.guesses(change))
        for step in steps:
            step.must_fit(reading)
    except ValueError:  # a step that must not be
        return ()
    return steps


def _widened(change: Change, work: Work) -> list[Change]:
    """The same change in every item of the lists that it is in, and the change itself; in lines, in every
    line alone, for which line has a fault is chance."""
    if not isinstance(change, Changed | Added | Removed):
        return [change]
    if isinstance(work.document, Lines):
        return [replace(change, path=Path(change.path.parts[-1:]))]
    wide = tuple(EVERY if isinstance(part, int) else part for part in change.path.parts)
    return [*([replace(change, path=Path(wide))] if wide != change.path.parts else []), change]


def _does(step: Step, change: Change, work: Work) -> bool:
    """Whether the step leaves the value that the change left, where there is one."""
    try:
        document = step.done(work).document
        if isinstance(change, Changed | Added):
            return [place.value for place in document.places(change.path)] == [change.after]
        return not isinstance(change, Removed | Moved) or not document.places(change.path)
    except (Cannot, NothingToDo):
        return False


def _together(ways: Sequence[Sequence[Step]]) -> Iterator[tuple[Step, ...]]:
    """For each of the changes its likeliest step, then its next ones; what does for two stands once."""
    for at in range(max(map(len, ways), default=0) if all(ways) else 0):
        yield tuple(dict.fromkeys(steps[min(at, len(steps) - 1)] for steps in ways))


def _definition(before: FailedMessage, reading: Reading, steps: tuple[Step, ...]) -> Definition | None:
    conditions = (Queue(before.queue), ErrorType(before.failure.error_type))
    try:
        return parse(to_json(Definition(conditions, steps, reading)))
    except DefinitionError:
        return None


def _is(attempt: Attempt, message: Message, address: str) -> bool:
    made = isinstance(attempt, Repaired) and (attempt.message, attempt.return_address)
    return made == (message, address)
