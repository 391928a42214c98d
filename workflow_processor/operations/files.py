"""Corrected messages from a file of JSON Lines: taken in, compared with what there is, forgotten.

A line is an object with `id`, `version` and `body`, or `body_base64`, as the export of messages writes it;
whatever else it has is not looked at.
"""

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from workflow_processor import sql
from workflow_processor.acts.record import check
from workflow_processor.models import ImportFile
from workflow_processor.operations.planning import Chosen

KEPT = timedelta(days=7)
TOLD = 10
"""Unreadable lines that are told one by one."""
LONGEST = 64 * 1024 * 1024
"""Bytes of a line; it is in memory whole."""
COLUMNS = {"file_id": "int8", "dead_letter": "uuid", "version": "int4", "body": "bytea"}


class Readable(Protocol):
    def readline(self, limit: int, /) -> bytes: ...


class Line(NamedTuple):
    """What a line says."""

    dead_letter: UUID
    version: int
    body: bytes


class Standing(NamedTuple):
    """How many of a file's messages are what, as things are now."""

    changed: int
    """Would get a new body."""
    same: int
    """Have this body already."""
    moved_on: int
    """Were changed after they were exported, or are not parked."""
    unknown: int


def take_in(person: User, name: str, content: Readable) -> ImportFile:
    """Keeps what its lines say. Of several about one dead letter the first one counts."""
    check(person, "edit_dead_letter")
    with transaction.atomic():
        file = ImportFile.objects.create(person=person, name=name)
        sql.copy("imported_body", COLUMNS, _rows(file, _lines(content)))
        file.save()
    return file


def read(line: bytes) -> Line:
    """Raises ValueError with a sentence."""
    if len(line) >= LONGEST:
        raise ValueError(f"It is longer than {LONGEST // 1024**2} MiB.")
    try:
        told = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("This is not JSON.") from error
    if not isinstance(told, dict):
        raise ValueError("This is not a JSON object.")
    try:
        dead_letter = UUID(told["id"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise ValueError("It names no dead letter: id is missing or invalid.") from error
    version = told.get("version")
    if not isinstance(version, int) or not 0 < version < 2**31:
        raise ValueError("Its version is missing: the dead letter's version when it was exported.")
    return Line(dead_letter, version, _body(told))


def standing(file: int) -> Standing:
    [row] = sql.run(_STANDING, {"file": file})
    return Standing(*row)


def changed(file: int) -> Chosen:
    """What would get a new body, as it was exported."""
    return Chosen(_CHANGED, {"file": file, "first": None})


def first(file: int, number: int) -> list[UUID]:
    """So many of what would get a new body."""
    return [row.dead_letter for row in sql.run(_CHANGED, {"file": file, "first": number})]


def forget() -> None:
    """Forgets files of long ago, but not those that an operation still needs."""
    sql.run(_FORGET, {"kept": KEPT})


def _lines(content: Readable) -> Iterator[bytes]:
    """Its lines; of one that is too long no more than that shows."""
    while line := content.readline(LONGEST):
        yield line
        while len(line) == LONGEST and not line.endswith(b"\n"):
            line = content.readline(LONGEST)


def _rows(file: ImportFile, lines: Iterable[bytes]) -> Iterator[tuple[Any, ...]]:
    known: set[UUID] = set()
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        file.lines += 1
        try:
            line = read(text)
            if line.dead_letter in known:
                raise ValueError("An earlier line is for the same dead letter.")
        except ValueError as error:
            file.unreadable += 1
            file.problems += [[number, str(error)]] if len(file.problems) < TOLD else []
            continue
        known.add(line.dead_letter)
        yield file.pk, *line


def _body(told: dict[str, Any]) -> bytes:
    match told:
        case {"body": str(text), **rest} if "body_base64" not in rest:
            try:
                return text.encode()
            except UnicodeEncodeError as error:
                raise ValueError("Its body has half of a surrogate pair, which is not text.") from error
        case {"body_base64": str(text), **rest} if "body" not in rest:
            try:
                return b64decode(text, validate=True)
            except ValueError as error:
                raise ValueError("Its body_base64 is not Base64.") from error
    raise ValueError("It has no body: body as text, or body_base64 with its bytes in Base64.")


_BESIDE = """
FROM imported_body i
LEFT JOIN dead_letter d ON d.id = i.dead_letter
LEFT JOIN revision r ON r.dead_letter_id = d.id AND r.number = d.revision
WHERE i.file_id = %(file)s
"""
_STANDING = (
    """
SELECT count(*) FILTER (WHERE d.state = 'parked' AND d.version = i.version AND r.body <> i.body) AS changed,
       count(*) FILTER (WHERE r.body = i.body) AS same,
       count(*) FILTER (WHERE r.body <> i.body AND (d.state <> 'parked' OR d.version <> i.version))
           AS moved_on,
       count(*) FILTER (WHERE d.id IS NULL) AS unknown
"""
    + _BESIDE
)
_CHANGED = (
    "SELECT i.dead_letter, i.version"
    + _BESIDE
    + "AND d.state = 'parked' AND d.version = i.version AND r.body <> i.body"
    + " ORDER BY i.dead_letter LIMIT %(first)s::bigint"
)
_FORGET = """
WITH old AS (
    SELECT id FROM import_file f WHERE created_at < now() - %(kept)s::interval AND NOT EXISTS (
        SELECT FROM operation WHERE kind = 'import' AND parameters ->> 'file' = f.id::text
        AND state IN ('planned', 'running', 'paused'))
), emptied AS (
    DELETE FROM imported_body WHERE file_id IN (SELECT id FROM old)
)
DELETE FROM import_file WHERE id IN (SELECT id FROM old)
"""
