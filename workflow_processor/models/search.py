"""What messages are searched by: made from them after the intake has acknowledged them, never the truth."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper


class Searchable(models.Model):
    """A dead letter in the forms that searches have indexes for. It speaks of one revision and one failure,
    and holds no longer once the dead letter has gone on to others."""

    dead_letter = models.OneToOneField(
        "DeadLetter", models.CASCADE, primary_key=True, related_name="searchable"
    )
    revision = models.PositiveIntegerField()
    last_failed_at = models.DateTimeField()
    message_id = models.TextField()
    ordering_key = models.TextField(blank=True)
    size = models.PositiveBigIntegerField()
    error_text = models.TextField(blank=True)
    body_text = models.TextField(blank=True)
    """As far as the body is text, and bounded (`workflow_processor.search.projection`)."""
    body = models.JSONField(null=True)
    """Where the body is JSON that PostgreSQL takes, or a line of columns."""
    headers = models.JSONField(null=True)
    """By name; None where they cannot be read."""

    class Meta:
        db_table = "searchable"
        indexes = [
            GinIndex(OpClass(Upper("error_text"), "gin_trgm_ops"), name="searchable_error_text"),
            GinIndex(OpClass(Upper("body_text"), "gin_trgm_ops"), name="searchable_body_text"),
            GinIndex(OpClass("body", "jsonb_path_ops"), name="searchable_body"),
            GinIndex(OpClass("headers", "jsonb_path_ops"), name="searchable_headers"),
            # For beginnings of texts, in any collation.
            models.Index(OpClass("message_id", "text_pattern_ops"), name="searchable_message_id"),
            models.Index(OpClass("ordering_key", "text_pattern_ops"), name="searchable_key"),
            models.Index(fields=["size"], name="searchable_size"),
        ]


class SearchDue(models.Model):
    """Dead letters that are to be made searchable: a batch as one transaction left it. What is not committed
    yet is not here yet, and nothing is passed over for coming late."""

    id = models.BigAutoField(primary_key=True)
    ids = ArrayField(models.UUIDField())

    class Meta:
        db_table = "search_due"
