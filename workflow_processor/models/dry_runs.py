"""Trying a rule on messages without any effect on them."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class DryRun(models.Model):
    """One trial of one definition, saved as a rule or not, in chunks by a worker."""

    class State(models.TextChoices):
        WAITING = "waiting"
        """For a worker to begin or to carry on."""
        RUNNING = "running"
        FINISHED = "finished"
        CANCELLED = "cancelled"
        FAILED = "failed"
        """The rule misbehaved too often; `note` says how."""

    id = models.BigAutoField(primary_key=True)
    rule = models.ForeignKey("RepairRule", models.CASCADE, null=True, related_name="dry_runs")
    """None: a definition that is not saved, or not saved so."""
    version = models.PositiveIntegerField(default=0)
    """Of the rule, where it is one of its versions."""
    definition = models.TextField()
    days = models.PositiveIntegerField(default=0)
    """Over the dead letters of so many days, as they came; 0: over those that are parked, as they are now."""
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    note = models.TextField(blank=True)

    total = models.PositiveBigIntegerField(null=True)
    """Dead letters that it is about; None until it has begun."""
    done = models.PositiveBigIntegerField(default=0)
    repaired = models.PositiveBigIntegerField(default=0)
    """Would be repaired, and validate where there is a schema."""
    beyond = models.PositiveBigIntegerField(default=0)
    """Of these, such as triage would not hand to a rule by itself."""
    invalid = models.PositiveBigIntegerField(default=0)
    """Would be changed, but not validate: they are left."""
    left = models.PositiveBigIntegerField(default=0)
    """Match, and there is nothing that the rule can do."""
    misbehaved = models.PositiveBigIntegerField(default=0)
    not_matched = models.PositiveBigIntegerField(default=0)
    reasons = models.JSONField(default=dict)
    """Why those that do not match do not, and how many each is."""

    cursor = models.UUIDField(null=True)
    """The last dead letter that is done with."""
    last = models.UUIDField(null=True)
    """The last that there was when it began."""
    claim = models.PositiveIntegerField(default=0)
    """Fencing number of the worker that has it in hand."""
    claimed_until = models.DateTimeField(null=True)
    lapses = models.PositiveSmallIntegerField(default=0)
    """How often in a row its worker died over it."""

    class Meta:
        db_table = "dry_run"
        default_permissions = ()
        indexes = [
            models.Index(fields=["id"], name="dry_run_open", condition=Q(state__in=["waiting", "running"]))
        ]

    @property
    def matched(self) -> int:
        return self.repaired + self.invalid + self.left + self.misbehaved


class DryRunItem(models.Model):
    """What a dry run would make of one dead letter that matches. The first ones keep the message too."""

    class Outcome(models.TextChoices):
        REPAIRED = "repaired"
        INVALID = "invalid"
        LEFT = "left"
        MISBEHAVED = "misbehaved"

    id = models.BigAutoField(primary_key=True)
    dry_run = models.ForeignKey(DryRun, models.CASCADE, related_name="items", db_index=False)
    dead_letter = models.UUIDField()
    version = models.PositiveIntegerField()
    """Of the dead letter, as it was tried."""
    revision = models.PositiveIntegerField()
    """That it was tried on."""
    outcome = models.CharField(max_length=10, choices=Outcome)
    why = models.TextField(blank=True)
    """What would be done, or why nothing can be; a sentence."""
    beyond = models.TextField(blank=True)
    """Why triage would not hand it to the rule by itself; "" where it would."""
    body = models.BinaryField(null=True)
    properties = models.BinaryField(null=True)
    return_address = models.TextField(blank=True)

    class Meta:
        db_table = "dry_run_item"
        indexes = [models.Index(fields=["dry_run", "outcome", "id"], name="dry_run_outcomes")]
        constraints = [models.UniqueConstraint(fields=["dry_run", "dead_letter"], name="dry_run_once")]
