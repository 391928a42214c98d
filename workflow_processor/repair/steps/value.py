"""What a CEL expression comes to."""

from dataclasses import dataclass

from workflow_processor.repair.kinds import PATH
from workflow_processor.repair.languages.expressions import EXPRESSION, compiled
from workflow_processor.repair.languages.subject import variables
from workflow_processor.repair.outcomes import NothingToDo
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.set import added
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.texts.document import Value, text
from workflow_processor.repair.texts.json_scan import BOOLEAN, NULL, NUMBER_KIND, STRING
from workflow_processor.repair.texts.json_values import plain
from workflow_processor.repair.texts.numbers import number
from workflow_processor.repair.texts.paths import Path


@dataclass(frozen=True)
class ByExpression(Step):
    name = "value"
    label = "Calculate a value"
    settles = False
    at: Path = given(PATH, "Where", "total, lines[*].total; a column by its name or number")
    expression: str = given(EXPRESSION, "Expression", "In CEL; `it` is the current value")

    @property
    def touched(self) -> tuple[Path, ...]:
        return (self.at,)

    def words(self) -> str:
        return f"set {self.at} to {self.expression}"

    def done(self, work: Work) -> Work:
        document = work.document
        if places := document.places(self.at):
            document = document.put((place, self._value(work, place.value)) for place in places)
        else:
            document = added(document, self.at, self._value(work, None))
        if document is work.document:
            raise NothingToDo(f"{self.at} is as it should be")
        return work.with_document(document)

    def _value(self, work: Work, it: Value | None) -> Value:
        made = compiled(self.expression).value(variables(work, lambda: it and _plain(it)))
        return it if it and _same(made, _plain(it)) else _written(made)


def _plain(value: Value) -> object:
    return value.text if value.kind == STRING else plain(value.text)


def _same(made: object, there: object) -> bool:
    return type(made) is type(there) and made == there


def _written(made: object) -> Value:
    match made:
        case str():
            return text(made)
        case bool():
            return Value(BOOLEAN, "true" if made else "false")
        case None:
            return Value(NULL, "null")
        case int():
            return Value(NUMBER_KIND, str(made))
        case float() if made.is_integer() and abs(made) < 2**53:
            return Value(NUMBER_KIND, str(int(made)))
        case _:
            return Value(NUMBER_KIND, number(repr(made)))
