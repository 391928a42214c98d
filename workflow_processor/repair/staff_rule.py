"""A rule that staff wrote, at work on a message. Pure: it reads what it is given and changes nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from consumers.message import Message
from consumers.repair import FailedMessage
from workflow_processor.repair import settling
from workflow_processor.repair.definition import Definition
from workflow_processor.repair.outcomes import Cannot, NothingToDo, OtherBody
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.surroundings import Surroundings

NOWHERE = Surroundings()


@dataclass(frozen=True, slots=True)
class Repaired:
    message: Message
    return_address: str
    done: tuple[str, ...]
    """What was done, in words, step by step."""


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """A condition does not hold, or the body is of another kind than the rule reads."""

    why: str


@dataclass(frozen=True, slots=True)
class Left:
    """It is the rule's fault, but the rule cannot mend it here."""

    why: str
    unsettled: bool = False
    """Whether the rule would change its own result again."""


@dataclass(frozen=True, slots=True)
class Invalid:
    """Mended, and still not valid: it stays as it was."""

    message: Message
    problems: tuple[str, ...]


class Unsettled(Cannot):
    """Doing it twice is not doing it once."""


Attempt = Repaired | NotApplicable | Left | Invalid


class StaffRule:
    """A definition at work; a `consumers.repair.Rule`."""

    def __init__(
        self, definition: Definition, name: str, version: int, surroundings: Surroundings = NOWHERE
    ) -> None:
        self.definition, self.name, self.version = definition, name, version
        self._surroundings = surroundings
        self._settles = settling.settles_by_form(definition.steps, definition.reading)

    def matches(self, failed: FailedMessage) -> bool:
        return not self._why_not(self._begun(failed, ""))

    def repair(self, failed: FailedMessage) -> Message | None:
        attempt = self.attempt(failed)
        return attempt.message if isinstance(attempt, Repaired) else None

    def attempt(self, failed: FailedMessage, return_address: str = "") -> Attempt:
        """What the rule makes of the message, and why nothing, where it makes nothing of it."""
        work = self._begun(failed, return_address)
        if why := self._why_not(work):
            return NotApplicable(why)
        try:
            made, done, undone = self._done(work)
            if not done:
                return Left("; ".join(undone))
            self._must_be_settled(made)
        except OtherBody as other:
            return NotApplicable(str(other))
        except Cannot as obstacle:
            return Left(str(obstacle), unsettled=isinstance(obstacle, Unsettled))
        if (made.message, made.return_address) == (failed.message, return_address):
            return Left("its steps together change nothing")
        if problems := self._problems(made):
            return Invalid(made.message, problems)
        return Repaired(made.message, made.return_address, done)

    def _begun(self, failed: FailedMessage, return_address: str) -> Work:
        properties = failed.message.properties
        return Work(failed, self.definition.reading, self._surroundings, properties, return_address)

    def _why_not(self, work: Work) -> str:
        return next((why for one in self.definition.conditions if (why := one.why_not(work))), "")

    def _done(self, work: Work) -> tuple[Work, tuple[str, ...], list[str]]:
        """The work after all steps; what was done; and why the others did nothing. Raises Cannot."""
        done, undone = [], []
        for step in self.definition.steps:
            try:
                work = step.done(work)
                done.append(step.words())
            except NothingToDo as reason:
                undone.append(str(reason))
        return work, tuple(done), undone

    def _must_be_settled(self, made: Work) -> None:
        """Raises Cannot where the rule would change its own result again."""
        if self._settles:
            return
        failed = replace(made.failed, message=made.message)
        try:
            again, _, _ = self._done(self._begun(failed, made.return_address))
        except Cannot:
            return
        if (again.message, again.return_address) != (made.message, made.return_address):
            raise Unsettled("applied to its own result, the rule would change it again")

    def _problems(self, made: Work) -> tuple[str, ...]:
        if not (self.definition.valid and made.message_type):
            return ()
        return tuple(self._surroundings.schemas.problems(made.message_type, made.message.body))


def unsettled(
    definition: Definition, samples: Iterable[FailedMessage], surroundings: Surroundings = NOWHERE
) -> str:
    """Why a rule must not be saved, as these messages show; "" where none of them does."""
    rule = StaffRule(definition, "tried", 1, surroundings)
    for failed in samples:
        attempt = rule.attempt(failed)
        if isinstance(attempt, Left) and attempt.unsettled:
            return f"Applied twice it does not give what it gives once: {attempt.why}."
    return ""
