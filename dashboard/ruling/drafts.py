"""A rule that is being written: read from the form, checked, and told in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dashboard.ruling.forms import RuleForm
from workflow_processor.models import Mode
from workflow_processor.repair.definition import Definition, parse
from workflow_processor.repair.parameters import DefinitionError
from workflow_processor.repair.wording import in_words


@dataclass(slots=True)
class Draft:
    """The fields as the person left them, and what they make."""

    form: RuleForm
    name: str = ""
    mode: str = Mode.OFF
    reason: str = ""
    definition: Definition | None = None
    """None while the form makes none."""
    problems: dict[str, str] = field(default_factory=dict)
    """By field, as `dashboard.ruling.forms` names them; "" for the whole."""

    @property
    def words(self) -> list[str]:
        return in_words(self.definition) if self.definition else []


def of(definition: Mapping[str, Any]) -> Draft:
    """A draft that says what a definition says."""
    return _read(Draft(RuleForm.of(definition)))


def sent(fields: Mapping[str, str]) -> Draft:
    """The draft that came back in the form, after the act on its steps that it asks for."""
    form = RuleForm.sent(fields).changed(fields.get("then", ""), fields.get("step", ""))
    name, reason = (fields.get(name, "").replace("\0", "").strip() for name in ("name", "reason"))
    mode = fields.get("mode", Mode.OFF)
    return _read(Draft(form, name, mode if mode in Mode else Mode.OFF, reason))


def _read(draft: Draft) -> Draft:
    raw, problems = draft.form.definition()
    if problems:
        return replace(draft, problems=problems)
    try:
        return replace(draft, definition=parse(raw))
    except DefinitionError as error:
        return replace(draft, problems={problem.field: problem.text for problem in error.problems})
