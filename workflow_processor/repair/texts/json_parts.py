"""Members and items put into JSON and taken out, with the white space that their siblings have."""

import re

from workflow_processor.repair.texts.document import Document, Splice
from workflow_processor.repair.texts.json_scan import Node
from workflow_processor.repair.texts.json_values import quoted

_blank = re.compile(r"[ \t\n\r]*")


class JsonParts(Document):
    """What changes the parts of objects and arrays."""

    def member(self, parent: Node, name: str, value: str) -> Splice:
        """What puts a member more behind the others of this object. The value is JSON."""
        key = quoted(name)
        if not parent.items:
            return _inserted(parent.start + 1, f"{key}{self._colon}{value}")
        last = parent.items[-1]
        colon = self.text[parent.keys[-1].end : last.start]
        return _inserted(last.end, f",{self._before(parent, len(parent.items))}{key}{colon}{value}")

    def item(self, parent: Node, at: int, value: str) -> Splice:
        """What puts an item more in front of the one that has this number, or behind all."""
        if not parent.items:
            return _inserted(parent.start + 1, value)
        blank = self._before(parent, at)
        if at == len(parent.items):
            return _inserted(parent.items[-1].end, f",{blank}{value}")
        return _inserted(parent.items[at].start, f"{value},{blank}")

    def gone(self, parent: Node, at: int) -> Splice:
        """What takes this member or item out."""
        starts = [part.start for part in parent.keys or parent.items]
        if at + 1 < len(starts):
            return Splice(starts[at], starts[at + 1], "")
        return Splice(parent.items[at - 1].end if at else parent.start + 1, parent.items[at].end, "")

    def _before(self, parent: Node, at: int) -> str:
        """The white space that stands before a member or an item here."""
        parts = parent.keys or parent.items
        if len(parts) == 1:
            blank = self._blank(parent.start + 1)
            return blank if "\n" in blank else " " * (self._colon == ": ")
        at = min(max(at, 1), len(parts) - 1)
        comma = self.text.index(",", parent.items[at - 1].end)
        return self._blank(comma + 1)

    def _blank(self, start: int) -> str:
        return _blank.match(self.text, start)[0]  # type: ignore[index]

    @property
    def _colon(self) -> str:
        """How this text puts a colon between key and value."""
        return ":" if re.search(r'":[^\s]', self.text) else ": "


def _inserted(at: int, new: str) -> Splice:
    return Splice(at, at, new)
