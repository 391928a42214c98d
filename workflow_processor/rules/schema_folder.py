"""Schemas from a folder: each file is one, and names the message type it is of.

    {"x-message-type": {"queue": "trades", "header": "kind", "value": "order"},
     "type": "object", "properties": {…}}

The file's name, without `.json`, is the type's. In place of `header` there may be `field`, or neither. A file
that has changed is a new version; a file that is gone changes nothing.
"""

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from workflow_processor.models import MessageType
from workflow_processor.repair.schemas.validation import SchemaError, read
from workflow_processor.rules import book
from workflow_processor.rules.message_types import Told, add_version, sound
from workflow_processor.rules.record import Refused

KEY = "x-message-type"


class SchemaFolderError(Exception):
    """A file of the folder cannot be used; names it and says why."""


def read_folder(folder: Path) -> list[str]:
    """Takes in what is new; gives the names of the types whose schema that is. Raises SchemaFolderError, and
    then nothing is taken in."""
    with transaction.atomic():
        changed = [path.stem for path in sorted(folder.glob("*.json")) if _take_in(path)]
        if changed:
            book.touch()
    return changed


def _take_in(path: Path) -> bool:
    try:
        text = path.read_text()
        read(text)
        told = sound(_told(json.loads(text)))
    except (OSError, ValueError, TypeError, SchemaError, Refused) as error:
        raise SchemaFolderError(f"{path.name}: {error}") from error
    kind, _ = MessageType.objects.select_for_update(no_key=True).get_or_create(
        name=path.stem, defaults={**told._asdict()}
    )
    if kind.schemas.filter(number=kind.schema, text=text).exists():
        return False
    for name, value in told._asdict().items():
        setattr(kind, name, value)
    kind.change += 1
    add_version(kind, text, path.name)
    return True


def _told(schema: Any) -> Told:
    told = schema.get(KEY) if isinstance(schema, dict) else None
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        raise ValueError(f'it needs "{KEY}", with the queue and what identifies the type')
    return Told(**{"queue": "", **told})
