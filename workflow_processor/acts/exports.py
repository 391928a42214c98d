"""Taking messages out of the office."""

from django.contrib.auth.models import User

from workflow_processor.acts.record import audit, check


def export(person: User, query: str, kind: str) -> None:
    """Notes who took what a query finds out of the office, and as what kind of file. What was in it is not
    written down."""
    check(person, "view_dead_letter")
    audit(person, "export", subject="messages", after={"query": query, "format": kind})
