"""A person accepts what rules suggest."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from operator import itemgetter

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from workflow_processor import lifecycle
from workflow_processor.acts.record import Outcome, check, noted
from workflow_processor.lifecycle import Seen
from workflow_processor.portions import in_portions
from workflow_processor.revisions import NewRevision
from workflow_processor.rules import figures, suggestions
from workflow_processor.transition import Actor, Moved
from workflow_processor.triage import Signature


def accept(person: User, seen: Sequence[Seen]) -> Outcome:
    """Gives each the revision that is on offer for it, in the name of the rule, and sends it back after the
    seconds in which that can be undone. Where nothing is on offer, nothing is changed."""
    check(person, "edit_dead_letter")
    check(person, "requeue_dead_letter")
    with transaction.atomic():
        sizes = suggestions.sizes([letter.id for letter in seen])
        authors: set[str] = set()
        moved: list[Moved] = []
        for portion in in_portions(sorted(seen), lambda letter: sizes.get(letter.id, 0)):
            for rule, accepted in _offered(portion):
                authors.add(rule.author)
                moved += _accept(person, rule, accepted)
        by = {"by": sorted(authors)}
        return noted(person, "accept suggestion", [letter.id for letter in seen], moved, after=by)


def _offered(seen: Sequence[Seen]) -> list[tuple[Signature, list[tuple[Seen, NewRevision]]]]:
    """What each rule has on offer for these."""
    by_rule: dict[Signature, list[tuple[Seen, NewRevision]]] = defaultdict(list)
    for one, offer in suggestions.offered(seen).items():
        by_rule[offer.rule].append((one, offer.made))
    return sorted(by_rule.items(), key=itemgetter(0))


def _accept(person: User, rule: Signature, accepted: Sequence[tuple[Seen, NewRevision]]) -> list[Moved]:
    by, hold = Actor(rule.author, person.pk), timedelta(seconds=settings.UNDO_SECONDS)
    moved = lifecycle.accept([one for one, _ in accepted], [made for _, made in accepted], by, hold)
    suggestions.forget([letter.id for letter in moved])
    figures.note(Counter({(rule, figures.Kind.REPAIRED): len(moved)}))
    return moved
