"""Bulk work over a frozen set of dead letters, and what became of each of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Operation(models.Model):
    """One bulk act: what, why, who, how fast. `workflow_processor.operations` carries it out."""

    class State(models.TextChoices):
        PLANNED = "planned"
        RUNNING = "running"
        PAUSED = "paused"
        FINISHED = "finished"
        CANCELLED = "cancelled"

    class Selection(models.TextChoices):
        """How its dead letters were chosen."""

        QUERY = "query"
        TICKED = "ticked"
        RETRY = "retry"
        """The failures of an earlier operation."""
        FILE = "file"
        """Those that an imported file names."""
        DRY_RUN = "dry run"
        """Those that a rule would repair."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20)
    """A name of `operations.kinds`."""
    parameters = models.JSONField(default=dict)
    """What the kind wants to know, such as the change that an edit makes."""
    selection = models.CharField(max_length=10, choices=Selection)
    query = models.TextField(blank=True)
    """The text that found them."""
    retry_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="retries")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    """Who confirmed it."""
    runs_for = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    """On whose permission it runs: who confirmed it, or resumed it last."""
    reason = models.TextField(blank=True)
    rate = models.PositiveIntegerField(null=True)
    """Messages a second at most; None: as fast as it goes."""
    trial = models.PositiveIntegerField(default=0)
    """So many are done first; then it pauses until a person lets it go on. 0: no trial."""
    trial_over = models.BooleanField(default=False)

    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    note = models.TextField(blank=True)
    """Why it is paused, in a sentence, where that was not a person's wish."""
    total = models.PositiveIntegerField(default=0)
    planned_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    running_since = models.DateTimeField(null=True)
    """When it was begun or resumed last; with `handled_before` its pace is told by it."""
    handled_before = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    """When its next chunk may begin. Behind the clock where it has been slower than its rate."""
    reached = models.BigIntegerField(default=0, db_default=0)
    """The id of the latest item that was handled; they are handled in the order of ids."""
    moved_at = models.DateTimeField(db_default=Now())
    """When the latest outcome came in."""
    looked_at = models.DateTimeField(db_default=Now())
    """When it was last looked for outcomes."""

    class Meta:
        db_table = "operation"
        indexes = [
            models.Index(
                fields=["next_at", "id"], name="operation_due", condition=Q(state__in=["planned", "running"])
            )
        ]


class OperationItem(models.Model):
    """One dead letter of an operation, as it was when the operation was confirmed."""

    class Outcome(models.TextChoices):
        PENDING = "pending"
        """Nothing was done with it yet. Stored for what is in the outbox, too."""
        SKIPPED = "skipped"
        """Left alone: it was no longer as it was frozen."""
        FAILED = "failed"
        """It could not be done."""
        DONE = "done"
        """Done, and there is nothing to wait for."""
        OUTBOX = "outbox"
        """Requeued; it has not left yet. Never stored: it is what is pending up to the last one that its
        operation has reached. So to requeue one writes nothing here."""
        SENT = "sent"
        """The broker confirmed it; no word yet."""
        PROCESSED = "processed"
        CAME_BACK = "came back"
        WITHDRAWN = "withdrawn"
        """Taken back before it left."""

    id = models.BigAutoField(primary_key=True)
    operation = models.ForeignKey(
        Operation, models.CASCADE, related_name="items", db_index=False, db_constraint=False
    )
    dead_letter = models.UUIDField()
    version = models.PositiveIntegerField()
    """As frozen: what has moved on since is left alone."""
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.PENDING)
    why = models.TextField(blank=True)
    """Why it was skipped, or failed, in a sentence."""
    attempt = models.PositiveIntegerField(null=True)
    """Which requeue of its dead letter it becomes, or became: frozen with the version, which every requeue
    raises. None for what was not requeued."""

    class Meta:
        db_table = "operation_item"
        indexes = [
            models.Index(fields=["operation", "id"], name="operation_item_in_order"),
            models.Index(fields=["operation", "outcome", "id"], name="operation_item_by_outcome"),
        ]


class OutcomeCount(models.Model):
    """How many items of an operation have an outcome; kept in the statement that changes them."""

    id = models.BigAutoField(primary_key=True)
    operation = models.ForeignKey(Operation, models.CASCADE, related_name="counts", db_index=False)
    outcome = models.CharField(max_length=10, choices=OperationItem.Outcome)
    number = models.IntegerField()

    class Meta:
        db_table = "operation_count"
        constraints = [models.UniqueConstraint(fields=["operation", "outcome"], name="operation_count_once")]
        indexes = [
            models.Index(
                fields=["operation"],
                name="operation_in_flight",
                condition=Q(outcome__in=["outbox", "sent"], number__gt=0),
            )
        ]
