"""What triage goes by of what staff wrote, read once and again when it has changed.

Everything that changes it marks it anew, in its own transaction. A worker asks for the mark once for a batch,
and reads the rest only where the mark is another.
"""

import logging
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from consumers.logs import told
from consumers.repair import Rule
from workflow_processor import sql
from workflow_processor.models import Mode, RuleBook
from workflow_processor.repair.definition import parse
from workflow_processor.repair.parameters import DefinitionError
from workflow_processor.repair.schemas.validation import read as read_schema
from workflow_processor.repair.staff_rule import StaffRule
from workflow_processor.repair.surroundings import Surroundings
from workflow_processor.repair.texts.paths import parse as read_path
from workflow_processor.rules.catalogue import Catalogue, KnownType
from workflow_processor.rules.coercions import Coercions

log = logging.getLogger(__name__)
ONLY = 1


class Book(NamedTuple):
    """Everything that staff wrote, ready for use."""

    automatic: Sequence[Rule] = ()
    """In the order in which they are tried: rules by priority, then coercions."""
    suggesting: Sequence[Rule] = ()
    surroundings: Surroundings = Surroundings()


def touch() -> None:
    """Something in it has changed: a rule, a message type, a schema."""
    RuleBook.objects.update_or_create(id=ONLY, defaults={"stamp": uuid4()})


def current() -> Book:
    """As it is now. One query, unless it has changed."""
    [mark] = sql.run("SELECT (SELECT stamp FROM rule_book) AS stamp, (SELECT max(id) FROM source) AS source")
    return _read(mark.stamp, mark.source)


@lru_cache(maxsize=1)
def _read(_stamp: UUID | None, _source: int | None) -> Book:
    types = sql.run(_TYPES)
    catalogue = Catalogue([_known(row) for row in types])
    addresses = frozenset(row.return_address for row in sql.run("SELECT return_address FROM source"))
    surroundings = Surroundings(addresses, catalogue)
    rules = sql.run(_RULES)
    automatic = [*_rules(rules, Mode.AUTOMATIC, surroundings), *_coercions(types, catalogue)]
    return Book(automatic, [*_rules(rules, Mode.SUGGEST, surroundings)], surroundings)


def _rules(rows: Sequence[Any], mode: Mode, surroundings: Surroundings) -> Iterator[Rule]:
    for row in rows:
        if row.mode != mode:
            continue
        try:
            yield StaffRule(parse(row.definition), row.name, row.number, surroundings)
        except DefinitionError as error:  # written for another version of the office
            log.warning(told("rule-cannot-be-read", rule=row.name, reason=str(error)))


def _known(row: Any) -> KnownType:
    schema = read_schema(row.text) if row.text else None
    field = read_path(row.field) if row.field else None
    return KnownType(row.name, row.queue, row.header, field, row.value, schema)


def _coercions(rows: Sequence[Any], catalogue: Catalogue) -> Iterator[Rule]:
    for row in rows:
        if row.text and row.coercions:
            schema = read_schema(row.text)
            yield Coercions(row.name, row.change, schema, frozenset(row.coercions), catalogue)


_RULES = """
SELECT r.name, r.number, r.mode, v.definition
FROM repair_rule r JOIN rule_version v ON v.rule_id = r.id AND v.number = r.number
WHERE r.mode <> 'off' ORDER BY r.priority, r.id
"""
_TYPES = """
SELECT t.name, t.queue, t.header, t.field, t.value, t.coercions, t.change, coalesce(s.text, '') AS text
FROM message_type t LEFT JOIN schema_version s ON s.message_type_id = t.id AND s.number = t.schema
ORDER BY t.id
"""
