"""What is said of a dead letter beside its state, read in one statement with it: annotations, by name."""

from django.db.models import Case, OuterRef, Subquery, When

from workflow_processor.models import FailedAttempt, Revision, State

# No EXISTS, which PostgreSQL may answer by reading the whole of the other table.
_FAILED_AGAIN = Subquery(
    FailedAttempt.objects.filter(dead_letter=OuterRef("pk"), attempt__gt=0).values("attempt")[:1]
)
_BY_A_RULE = Subquery(
    Revision.objects.filter(
        dead_letter=OuterRef("pk"), number=OuterRef("revision"), author__startswith="rule "
    ).values("number")[:1]
)
MARKS = {
    # Neither an undone requeue nor one that could not be sent leaves a failed attempt.
    "came_back": Case(When(state=State.PARKED, attempt__gt=0, then=_FAILED_AGAIN)),
    "repaired": Case(When(revision__gt=0, then=_BY_A_RULE)),
}
"""Each is a number where it is so, and None where it is not."""
