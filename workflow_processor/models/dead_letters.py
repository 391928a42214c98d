"""Our record of one failed message, from its first failure to its end."""

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q

from consumers.identity import uuid7


class State(models.TextChoices):
    """Where a dead letter stands; `docs/lifecycle.md` holds the table of transitions."""

    RECEIVED = "received"
    REPAIRING = "repairing"
    WAITING = "waiting"
    """A retry is scheduled."""
    PARKED = "parked"
    """A person is needed."""
    REQUEUED = "requeued"
    """Sent back, outcome unknown."""
    RESOLVED = "resolved"
    """Processed."""
    DISCARDED = "discarded"
    """Ended without processing, by a named person with a reason."""


OPEN = (State.RECEIVED, State.REPAIRING, State.WAITING, State.PARKED, State.REQUEUED)


class DeadLetter(models.Model):
    """One failed message. What it carried is in its revisions, what went wrong in its failed attempts; the
    latest of both is repeated here as far as lists show it, so that a list is one index scan."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.PositiveIntegerField(default=1)
    """Raised by every change of state: what a person saw, and what a change expects."""
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    # A message passes through some ten rows, and a foreign key of the database is a query for each of them.
    # `docs/design/protocol.md` tells what keeps these rows together in place of it.
    source = models.ForeignKey(
        "Source", models.PROTECT, related_name="dead_letters", db_index=False, db_constraint=False
    )
    group = models.ForeignKey(
        "Group", models.PROTECT, related_name="dead_letters", db_index=False, db_constraint=False
    )

    message_id = models.TextField()
    message_id_derived = models.BooleanField(default=False)
    """The producer gave none; this one is made from its bytes, and nothing is ever joined by it."""
    identity = models.BinaryField(max_length=32)
    """SHA-256 over source, message id and body digest."""
    correlation_id = models.TextField(blank=True)
    content_type = models.TextField(blank=True)
    ordering_key = models.TextField(null=True)
    size = models.PositiveBigIntegerField()
    """Bytes of the current revision's body."""
    preview = models.TextField(blank=True)
    """The beginning of the current revision's body, as far as it is text."""
    revision = models.PositiveIntegerField(default=0)
    """Number of the current revision; 0 is the original."""

    error_type = models.TextField()
    error_text = models.TextField(blank=True)
    handler = models.TextField()
    failures = models.PositiveIntegerField(default=1)
    """Failed attempts on record."""
    attempt = models.PositiveIntegerField(default=0)
    """How often it was requeued; the number of the latest requeue."""

    first_failed_at = models.DateTimeField()
    last_failed_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=TransactionNow())
    changed_at = models.DateTimeField(db_default=TransactionNow())
    """Of the latest change of state."""
    due_at = models.DateTimeField(null=True)
    """While waiting: when it is requeued."""
    reason = models.TextField(blank=True)
    """Why it is parked, waiting or discarded, in a sentence."""
    by_silence = models.BooleanField(default=False)
    """Resolved because nothing came back, not because a receipt did."""

    possible_duplicate = models.BooleanField(default=False)
    earlier = models.ForeignKey("self", models.SET_NULL, null=True, related_name="later", db_index=False)
    """A dead letter of the same identity that had ended before this one began."""

    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    """Who is on it."""

    claim = models.PositiveIntegerField(default=0)
    """Fencing number of the repair that holds it, raised with every claim."""
    claimed_until = models.DateTimeField(null=True)
    lapses = models.PositiveSmallIntegerField(default=0, db_default=0)
    """How often in a row its repair was cut off: the lease ran out before anything came of it."""
    suspect = models.TextField(blank=True, db_default="", default="")
    """The rule that was asked when its repair was cut off once more."""

    class Meta:
        db_table = "dead_letter"
        default_permissions = ()
        permissions = [
            ("view_dead_letter", "Can look at dead letters"),
            ("edit_dead_letter", "Can edit a dead letter's message"),
            ("requeue_dead_letter", "Can send dead letters back"),
            ("discard_dead_letter", "Can discard dead letters"),
            ("decide_held_messages", "Can release or discard what waits behind a dead letter of its key"),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="dead_letter_by_state"),
            models.Index(fields=["group", "state", "-id"], name="dead_letter_by_group"),
            models.Index(fields=["source", "-id"], name="dead_letter_by_source"),
            # Of the others `dead_letter_open_once` has the identity.
            models.Index(
                fields=["identity", "-id"],
                name="dead_letter_by_identity",
                condition=Q(state__in=["resolved", "discarded"]) | Q(message_id_derived=True),
            ),
            models.Index(fields=["earlier"], name="dead_letter_later", condition=Q(earlier__isnull=False)),
            models.Index(
                fields=["correlation_id", "id"],
                name="dead_letter_correlated",
                condition=~Q(correlation_id=""),
            ),
            models.Index(fields=["due_at"], name="dead_letter_due", condition=Q(state="waiting")),
            models.Index(
                fields=["changed_at"],
                name="dead_letter_in_work",
                condition=Q(state__in=["received", "repairing"]),
            ),
            models.Index(
                fields=["source", "changed_at"], name="dead_letter_in_flight", condition=Q(state="requeued")
            ),
            models.Index(
                fields=["changed_at"],
                name="dead_letter_ended",
                condition=Q(state__in=["resolved", "discarded"]),
            ),
            models.Index(
                fields=["assignee", "-id"], name="dead_letter_assigned", condition=Q(assignee__isnull=False)
            ),
            # What happens to few; the indexes cost nothing for all the others.
            models.Index(fields=["attempt"], name="dead_letter_tried_again", condition=Q(attempt__gt=1)),
            models.Index(fields=["failures"], name="dead_letter_failed_again", condition=Q(failures__gt=1)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["identity"],
                name="dead_letter_open_once",
                condition=Q(state__in=[str(state) for state in OPEN], message_id_derived=False),
            )
        ]

    def __str__(self) -> str:
        return self.message_id
