"""What may be changed once more: nobody's later edit is overwritten."""

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from workflow_processor.models import DeadLetter, Operation


def unless_changed(operation: Operation, failures: QuerySet[DeadLetter]) -> QuerySet[DeadLetter]:
    """Those that still have the revision that the operation sent, and those that it could not change."""
    return failures.filter(id__in=RawSQL(_UNCHANGED, [operation.pk]))  # noqa: S611  # it is written below


_UNCHANGED = """
SELECT i.dead_letter FROM operation_item i JOIN dead_letter d ON d.id = i.dead_letter
LEFT JOIN outbox o ON o.dead_letter_id = i.dead_letter AND o.attempt = i.attempt
WHERE i.operation_id = %s AND (i.attempt IS NULL OR o.revision = d.revision)
"""
