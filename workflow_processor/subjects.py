"""What people talk about and share out: a dead letter or a group, and where either keeps its history."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from workflow_processor import transition
from workflow_processor.models import DeadLetter, Event, Group, GroupEvent
from workflow_processor.transition import Actor


@dataclass(frozen=True, slots=True)
class Subject:
    """A dead letter or a group; one of the two."""

    dead_letter: UUID | None = None
    group: int | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """As tables refer to it that refer to either."""
        return {"dead_letter_id": self.dead_letter, "group_id": self.group}

    @property
    def record(self) -> DeadLetter | Group:
        """Raises ObjectDoesNotExist."""
        if self.dead_letter:
            return DeadLetter.objects.get(id=self.dead_letter)
        return Group.objects.get(pk=self.group or 0)

    def tell(self, kind: str, text: str, by: Actor) -> None:
        """Notes on its history what happened; `kind` is one that both histories know."""
        if self.dead_letter:
            transition.tell(Event.Kind(kind), [self.dead_letter], [text], by)
        elif self.group:
            tell_groups(GroupEvent.Kind(kind), [self.group], text, by)


def tell_groups(kind: GroupEvent.Kind, groups: list[int], text: str, by: Actor) -> None:
    """Notes on the history of each of these groups what happened."""
    GroupEvent.objects.bulk_create(
        GroupEvent(group_id=group, kind=kind, actor=by.name, person_id=by.person, text=text)
        for group in groups
    )
