"""What a CEL expression comes to."""

from dataclasses import dataclass

from workflow_processor.repair.expressions import EXPRESSION, compiled
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.set import added
from workflow_processor.repair.steps.value_step import ValueStep
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.subject import variables
from workflow_processor.repair.texts.document import Value, text
from workflow_processor.repair.texts.json_scan import BOOLEAN, NULL, NUMBER_KIND, STRING
from workflow_processor.repair.texts.json_text import plain
from workflow_processor.repair.texts.numbers import number


@dataclass(frozen=True)
class ByExpression(ValueStep):
    name = "value"
    label = "Work a value out"
    settles = False
    expression: str = given(EXPRESSION, "Expression", "In CEL; `it` is the value that stands there")

    def words(self) -> str:
        return f"set {self.at} to {self.expression}"

    def done(self, work: Work) -> Work:
        if work.document.places(self.at):
            return super().done(work)
        return work.with_document(added(work.document, self.at, self._value(work, None)))

    def mended(self, value: Value, work: Work) -> Value:
        return self._value(work, value)

    def _value(self, work: Work, it: Value | None) -> Value:
        return _written(compiled(self.expression).value(variables(work, lambda: it and _plain(it))))


def _plain(value: Value) -> object:
    return value.text if value.kind == STRING else plain(value.text)


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
