"""A definition in words, and what differs between two versions of one."""

from typing import NamedTuple

from workflow_processor.repair.definition import Definition


class Change(NamedTuple):
    """One part that differs. "" where it was not there."""

    field: str
    before: str
    after: str


def in_words(definition: Definition) -> list[str]:
    """Sentences: when it applies, each step, and what must hold after."""
    when = " and ".join(condition.words() for condition in definition.conditions)
    steps = [_sentence(step.words()) for step in definition.steps]
    after = ["The body must be valid against its schema, where there is one."] if definition.valid else []
    return [f"When {when}, with the body read as {definition.reading.described}:", *steps, *after]


def difference(before: Definition, after: Definition) -> list[Change]:
    """What differs, condition by condition and step by step."""
    one, other = _parts(before), _parts(after)
    fields = [*one, *(field for field in other if field not in one)]
    changes = [Change(field, one.get(field, ""), other.get(field, "")) for field in fields]
    return [change for change in changes if change.before != change.after]


def _parts(definition: Definition) -> dict[str, str]:
    parts = {f"when.{condition.name}": _sentence(condition.words()) for condition in definition.conditions}
    parts["body"] = f"Read as {definition.reading.described}."
    parts |= {f"then[{at}]": _sentence(step.words()) for at, step in enumerate(definition.steps)}
    parts["after"] = "Must be valid." if definition.valid else "Need not be valid."
    return parts


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
