"""The rules of one batch, asked in turn about one message after another."""

from collections import Counter
from collections.abc import Sequence

from consumers.repair import Rule
from workflow_processor import lifecycle
from workflow_processor.lifecycle import Claim
from workflow_processor.repair.containment import Answer, Misbehaved, NotMine, ask
from workflow_processor.repair.time_limit import TimeLimit
from workflow_processor.rules.book import Book
from workflow_processor.triage import MISBEHAVIOUR, Case, Signature


class Asking:
    """Asks them, and stops asking a rule of staff that has misbehaved too often in this batch already: each
    time may have taken all the time there is for a message."""

    def __init__(self, python: Sequence[Rule], staff: Book) -> None:
        self.rules = [*python, *staff.automatic]
        self.suggesting = staff.suggesting
        self._python = frozenset(rule.name for rule in python)
        self._misbehaved: Counter[str] = Counter()

    def ask(self, limit: TimeLimit, claim: Claim, rule: Rule, case: Case) -> Answer:
        if self._misbehaved[rule.name] >= MISBEHAVIOUR and rule.name not in self._python:
            return NotMine("misbehaved too often, and was not tried again")
        if case.lapses:
            # If this one ends the worker, the next will know which rule it was.
            lifecycle.suspect(claim, Signature(rule.name, rule.version).author)
        answer = ask(limit, rule, case.failed, case.return_address)
        self._misbehaved[rule.name] += isinstance(answer, Misbehaved)
        return answer
