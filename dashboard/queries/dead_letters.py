"""The query object: what a person looks for, as one value that the list, the count, the facets and an action
over everything that matches are all made from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When
from django.utils import timezone

from dashboard.queries import facets, pages, tallies
from dashboard.queries.marks import MARKS
from dashboard.queries.tallies import Tally, tally
from dashboard.queries.terms import Term, due, of_figures, of_letters, rare, terms
from dashboard.queries.tokens import spell
from workflow_processor.models import DeadLetter, FailedAttempt, Group

SHOWN = (
    *("version", "state", "revision", "attempt", "error_type", "error_text", "ordering_key", "preview"),
    *("last_failed_at", "source__queue", "source__subscriber", "assignee__username"),
)
"""What a row of the list shows; no more of it is read."""
LATEST = 2_000
"""Failed attempts among which those that came back are looked for."""
BY_GROUP = Subquery(
    Group.objects.filter(id=OuterRef("group")).values(
        name=Case(
            When(merged_into=None, then="assignee__username"), default="merged_into__assignee__username"
        )
    )
)
"""Who is on the group of a dead letter, or on what that was merged into."""


@dataclass(frozen=True, slots=True)
class DeadLetterQuery:
    """A query that has been read. Its `now` is fixed, so that its answers agree with each other."""

    text: str
    terms: tuple[Term, ...]
    now: datetime

    @classmethod
    def parse(cls, text: str, now: datetime | None = None) -> Self:
        """Reads the filter language. Raises QueryError."""
        now = now or timezone.now()
        return cls(text.strip(), tuple(terms(text.strip(), now)), now)

    def letters(self, until: UUID | None = None) -> QuerySet[DeadLetter]:
        """The dead letters it finds; with `until` none that is newer than that one."""
        found = _found(self.terms)
        return found.filter(id__lte=until) if until else found

    def numbers(self, until: UUID | None = None, able: Iterable[str] = ()) -> tallies.Numbers:
        """How many it finds, none newer than `until`, and how many of these are in a state of `able`: all of
        them, however long that takes."""
        return tallies.numbers(self.terms, until, able)

    def count_since(self, newest: UUID | None, attempt: int | None = None) -> int:
        """How many it finds that are newer than this one, up to a bound; and, of those that are not, how many
        came back after this failed attempt, as far as the latest failures tell."""
        letters = self.letters()
        count = (letters.filter(id__gt=newest) if newest else letters)[: tallies.LIMIT].count()
        if newest is None or attempt is None:
            return count
        return count + letters.filter(id__lte=newest, id__in=_come_back(attempt)).count()

    def tally(self) -> Tally:
        """How many it finds and of what, as far as that can be told at once."""
        return tally(self.terms)

    @property
    def kept(self) -> bool:
        """Whether figures are kept by all that it asks for."""
        return of_figures(self.terms) is not None

    def behind(self) -> int:
        """How many it may miss, up to a bound: they are not searchable as they are now, and its other terms
        find them."""
        others = [term for term in self.terms if not term.searches]
        if len(others) == len(self.terms):
            return 0
        return _found(others).filter(id__in=due())[: tallies.LIMIT + 1].count()

    def page(
        self, older: UUID | None = None, newer: UUID | None = None, size: int = pages.SIZE
    ) -> pages.Page:
        """A page of what it finds, the newest first."""
        near = None if self.kept else lambda among: _shown(_found(self.terms, among))
        letters = _shown(self.letters())
        return pages.page(letters, older=older, newer=newer, size=size, near=near, rare=rare(self.terms))

    def facets(self, found: Tally | None = None) -> list[facets.Facet]:
        """How many there are of each state, queue and so on; `found` is what is known already."""
        found = found or self.tally()
        return [facets.facet(self._beside(key.key, found), key, self.chosen(key.key)) for key in facets.KEYS]

    def chosen(self, key: str) -> frozenset[str]:
        """The values that it asks of this key."""
        asked = (term.token.values for term in self.terms if self._asks(term, key))
        return frozenset(value.text for values in asked for value in values if not value.wild)

    def toggled(self, key: str, value: str) -> str:
        """The text of a query that asks this of the key too or, where this one does already, no longer."""
        values = sorted(self.chosen(key) ^ {value})
        asked = f"{key}:{','.join(spell(text) for text in values)}" if values else ""
        return " ".join(filter(None, (*(str(term.token) for term in self._without(key)), asked)))

    def dropped(self, dropped: Term) -> str:
        """The text of this query without one of its terms."""
        return " ".join(str(term.token) for term in self.terms if term is not dropped)

    def _beside(self, key: str, found: Tally) -> Tally:
        """The tally of what it would find, did it not ask for this key."""
        others = self._without(key)
        return found if others == self.terms else tally(others)

    def _without(self, key: str) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if not self._asks(term, key))

    @staticmethod
    def _asks(term: Term, key: str) -> bool:
        return term.token.name == key and not term.token.negated


def _come_back(attempt: int) -> list[UUID]:
    """Those that failed again after this failed attempt. By the primary key: no more of them than are read at
    once are looked at, however long ago that was."""
    latest = FailedAttempt.objects.filter(id__gt=attempt).order_by("-id")[:LATEST]
    again = FailedAttempt.objects.filter(id__in=latest.values("id"), attempt__gt=0)
    return list(again.values_list("dead_letter", flat=True).distinct())


def _found(terms: Iterable[Term], among: Q | None = None) -> QuerySet[DeadLetter]:
    return DeadLetter.objects.filter(of_letters(terms, among=among))


def _shown(found: QuerySet[DeadLetter]) -> QuerySet[DeadLetter]:
    return found.select_related("source", "assignee").only(*SHOWN).annotate(by_group=BY_GROUP, **MARKS)
