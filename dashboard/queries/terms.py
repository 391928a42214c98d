"""Tokens with their meaning: what each asks of a dead letter."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from functools import partial, reduce
from operator import and_, or_
from typing import Any, NamedTuple

from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, UUIDField

from dashboard.queries import words
from dashboard.queries.keys import Key, keys
from dashboard.queries.tokens import QueryError, Token, Value, tokens
from workflow_processor.models import Searchable, SearchDue


class Term(NamedTuple):
    """One token with its meaning: a condition on the dead letter or else on what is searchable of it; where
    figures are kept by it, the same on these."""

    token: Token
    of_letter: Q
    of_searchable: Q
    of_figures: Q | None
    narrowed: Q
    """On what is searchable: finds all that the condition on dead letters does, except for what is due."""

    @property
    def searches(self) -> bool:
        """Whether it finds only what is searchable already."""
        return bool(self.of_searchable)


def terms(text: str, now: datetime) -> list[Term]:
    """The terms of a query. Raises QueryError."""
    known = keys(now)
    return [_term(text, token, known) for token in tokens(text)]


def of_letters(found: Iterable[Term], *, among: Q | None = None) -> Q:
    """All of them as one condition on dead letters. What says nothing of the dead letter as it is now, for
    being made from an earlier revision or failure, neither fits a term nor its opposite. `among`: a condition
    on primary keys, for a statement that looks at each of a few dead letters anyway, and is not to search all
    for them."""
    found = list(found)
    of_searchable = [term.of_searchable for term in found if term.searches]
    condition = reduce(and_, (term.of_letter for term in found), _by_index(found) if among is None else among)
    if not of_searchable:
        return condition
    # Told of both that they are few, the database walks both side by side; where other terms leave fewer
    # still, it looks up what is searchable of these alone.
    few = among if among and len(of_searchable) == len(found) else Q()
    current = Searchable.objects.filter(
        few,
        dead_letter=OuterRef("pk"),
        revision=OuterRef("revision"),
        last_failed_at=OuterRef("last_failed_at"),
    )
    return condition & Q(Exists(current.filter(reduce(and_, of_searchable))))


def rare(found: Iterable[Term]) -> bool:
    """Whether one of them looks for a text that none of the latest messages has."""
    texts = [term.token for term in found if term.token.name in ("", "body") and not term.token.negated]
    return any(words.rare(token.values) for token in texts)


def _by_index(found: Iterable[Term]) -> Q:
    """Narrows a search down by the indexes that what is searchable has; what is due may fit as well. The
    conditions on dead letters decide."""
    index = reduce(and_, (term.narrowed for term in found), Q())
    if not index:
        return Q()
    searchable = Searchable.objects.filter(index).values(letter=F("dead_letter"))
    return Q(id__in=searchable.union(due(), all=True))


def due() -> QuerySet[SearchDue, Any]:
    """The ids of what is not searchable as it is now."""
    each = Func(F("ids"), function="unnest", set_returning=True, output_field=UUIDField())
    return SearchDue.objects.values(letter=each)


def of_figures(found: Iterable[Term]) -> Q | None:
    """All of them as one condition on StateCount; None where no figures are kept by one of them."""
    conditions = [term.of_figures for term in found]
    return None if None in conditions else reduce(and_, filter(None, conditions), Q())


def _term(text: str, token: Token, known: Mapping[str, Key]) -> Term:
    key = known.get(token.key)
    if key is None:
        raise _at_key(text, token, _no_such_key(token.key, known))
    condition = _condition(text, token, key)
    meant = _either(text, token, condition)
    on_letter = condition is key.of_letter
    figures = _either(text, token, key.of_figures) if key.of_figures else None
    index = _either(text, token, key.index) if key.index and not token.negated else Q()
    return Term(token, meant if on_letter else Q(), Q() if on_letter else meant, figures, index)


def _condition(text: str, token: Token, key: Key) -> Callable[[Value], Q]:
    if token.path:
        if not key.at_path:
            raise _at_key(text, token, f"{key.name} has no parts: {key.example}.")
        return partial(key.at_path, token.path)
    condition = key.of_letter or key.of_searchable
    if not condition:
        raise _at_key(text, token, f"After {key.name} comes a dot and a name: {key.example}.")
    return condition


def _either(text: str, token: Token, condition: Callable[[Value], Q]) -> Q:
    either = reduce(or_, (_of_value(text, value, condition) for value in token.values))
    return ~either if token.negated else either


def _of_value(text: str, value: Value, condition: Callable[[Value], Q]) -> Q:
    try:
        return condition(value)
    except ValueError as error:
        raise QueryError(text, value.start, value.end, str(error)) from error


def _at_key(text: str, token: Token, message: str) -> QueryError:
    start = token.start + token.negated
    return QueryError(text, start, start + len(token.name), message)


def _no_such_key(key: str, known: Iterable[str]) -> str:
    names: Sequence[str] = [name for name in known if name]
    near = get_close_matches(key, names, n=1)
    meant = f"Did you mean {near[0]}?" if near else f"There are {', '.join(names)}."
    return f"There is no key {key}. {meant} To look for it as text, put it in quotes."
