"""Repair rules that staff write, their versions, and what every rule did."""

from django.db import models

from workflow_processor.models.versions import Version


class Mode(models.TextChoices):
    """What a rule may do by itself."""

    OFF = "off"
    SUGGEST = "suggest"
    """What it makes of a message is shown beside that, for a person to accept."""
    AUTOMATIC = "automatic"


class RepairRule(models.Model):
    """A rule that staff wrote. Its name never changes: revisions are signed with it."""

    name = models.CharField(max_length=60, unique=True)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.OFF)
    priority = models.IntegerField(default=100)
    """The lowest is tried first; of equals, the older one."""
    number = models.PositiveIntegerField(default=1)
    """Of its current version."""
    change = models.PositiveIntegerField(default=1)
    """Raised by everything that is changed of it: what a person saw, and what a change expects."""
    per_minute = models.PositiveIntegerField(default=600)
    """Repairs in a minute at most. One more, and it only suggests from then on."""
    come_back_percent = models.PositiveSmallIntegerField(default=20)
    """Of its repairs, how many may fail again. Beyond that it only suggests."""
    since = models.DateTimeField()
    """When it was given its mode. What counts against it has happened after that."""
    stopped = models.TextField(blank=True)
    """Why it turned itself down; "" where a person chose its mode."""

    class Meta:
        db_table = "repair_rule"
        default_permissions = ()
        permissions = [
            ("write_rules", "Can write repair rules, message types and schemas"),
            ("switch_rules", "Can turn repair rules on and off"),
        ]

    def __str__(self) -> str:
        return self.name


class RuleVersion(Version):
    """One immutable version of a rule."""

    rule = models.ForeignKey(RepairRule, models.CASCADE, related_name="versions", db_index=False)
    definition = models.TextField()
    """JSON, as `workflow_processor.repair` reads it."""

    class Meta:
        db_table = "rule_version"
        constraints = [models.UniqueConstraint(fields=["rule", "number"], name="rule_version_once")]


class RuleFigure(models.Model):
    """How often something became of a version of a rule, Python's rules included; added by the transaction
    that does it, and folded by the minute like the other figures."""

    class Kind(models.TextChoices):
        TRIED = "tried"
        REPAIRED = "repaired"
        SUGGESTED = "suggested"
        CAME_BACK = "came back"
        """Its repair failed again."""
        MISBEHAVED = "misbehaved"
        """It broke, took too long, or gave what cannot be the message."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    rule = models.TextField()
    """Its name."""
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    count = models.PositiveBigIntegerField()

    class Meta:
        db_table = "rule_figure"
        indexes = [
            models.Index(fields=["rule", "kind", "at"], include=["version", "count"], name="rule_figure_sum")
        ]


class RuleBook(models.Model):
    """A mark that changes with anything that triage goes by, so that a worker knows when to read it again."""

    stamp = models.UUIDField()

    class Meta:
        db_table = "rule_book"
