"""What triage goes by of the rules that staff wrote, read once and again when it has changed.

Everything that changes it marks it anew, in its own transaction. A worker asks for the mark once for a batch.
"""

from uuid import uuid4

from workflow_processor.models import RuleBook

ONLY = 1


def touch() -> None:
    """Something in it has changed: a rule, a message type, a schema."""
    RuleBook.objects.update_or_create(id=ONLY, defaults={"stamp": uuid4()})
