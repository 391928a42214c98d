"""Figures that are kept up to date as things happen, so that no page counts rows."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q


class StateCount(models.Model):
    """A change in how many dead letters of a group and a source are in a state; their sum is the count. Rows
    are only ever added by the transaction that moves the dead letters, so nobody waits for anybody, and
    folded together now and then by `workflow_processor.figures`."""

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey("Group", models.CASCADE, related_name="state_counts", db_index=False)
    source = models.ForeignKey("Source", models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=10)
    change = models.BigIntegerField()
    folded = models.BooleanField(default=False, db_default=False)
    """Whether it is a sum, which the group's own figures have in them."""

    class Meta:
        db_table = "state_count"
        indexes = [
            models.Index(fields=["group", "source", "state"], include=["change"], name="state_count_sum"),
            models.Index(
                fields=["group", "state"],
                include=["change"],
                name="state_count_news",
                condition=Q(folded=False),
            ),
        ]


class Flow(models.Model):
    """To how many dead letters of a group something happened in a minute; added and folded likewise."""

    class Kind(models.TextChoices):
        FAILED = "failed"
        REPAIRED = "repaired"
        REQUEUED = "requeued"
        RESOLVED = "resolved"
        PARKED = "parked"
        DISCARDED = "discarded"

    id = models.BigAutoField(primary_key=True)
    minute = models.DateTimeField()
    """The beginning of the minute."""
    group = models.ForeignKey("Group", models.CASCADE, related_name="flows", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    count = models.PositiveBigIntegerField()
    folded = models.BooleanField(default=False, db_default=False)
    """Whether it is a sum, which the minute's own figures have in them."""

    class Meta:
        db_table = "flow"
        indexes = [
            models.Index(
                fields=["minute", "kind"], include=["count"], name="flow_news", condition=Q(folded=False)
            ),
            models.Index(fields=["group", "kind", "minute"], include=["count"], name="flow_of_group"),
            # For forgetting: rows lie in the order of their minutes, more or less.
            BrinIndex(fields=["minute"], name="flow_of_long_ago"),
        ]


class MinuteFlow(models.Model):
    """To how many dead letters of all groups something happened in a minute, as far as it is folded."""

    id = models.BigAutoField(primary_key=True)
    minute = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Flow.Kind)
    count = models.PositiveBigIntegerField()

    class Meta:
        db_table = "minute_flow"
        constraints = [
            models.UniqueConstraint(fields=["minute", "kind"], include=["count"], name="minute_flow_once")
        ]


class GroupHour(models.Model):
    """How often dead letters of a group failed in an hour, as far as it is folded."""

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey("Group", models.CASCADE, related_name="hours", db_index=False)
    hour = models.DateTimeField()
    """Its beginning."""
    count = models.PositiveBigIntegerField()

    class Meta:
        db_table = "group_hour"
        constraints = [
            models.UniqueConstraint(fields=["group", "hour"], include=["count"], name="group_hour_once")
        ]


class QueueSample(models.Model):
    """A queue's figures at one moment (`consumers.broker.QueueFigures`)."""

    id = models.BigAutoField(primary_key=True)
    queue = models.TextField()
    subscriber = models.TextField(blank=True)
    at = models.DateTimeField(db_index=True)
    ready = models.BigIntegerField(null=True)
    unacknowledged = models.BigIntegerField(null=True)
    consumers = models.IntegerField(null=True)
    oldest_seconds = models.FloatField(null=True)
    entered = models.BigIntegerField(null=True)
    left = models.BigIntegerField(null=True)
    rate_in = models.FloatField(null=True)
    """Messages a second since the sample before."""
    rate_out = models.FloatField(null=True)

    class Meta:
        db_table = "queue_sample"
        indexes = [models.Index(fields=["queue", "subscriber", "-at"], name="queue_sample_latest")]


class ProcessHealth(models.Model):
    """The latest word of one process of the office."""

    name = models.TextField(primary_key=True)
    """Kind, host and process id."""
    kind = models.CharField(max_length=20)
    host = models.TextField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    working = models.BooleanField(default=True)
    """False while it waits for something that is down."""
    note = models.TextField(blank=True)
    """What it waits for, or what it last did."""

    class Meta:
        db_table = "process_health"
