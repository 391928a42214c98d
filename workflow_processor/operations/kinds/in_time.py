"""Chunks of what takes long: bodies are read and written, or others are seen to besides."""

from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from uuid import UUID

from workflow_processor.lifecycle import Seen
from workflow_processor.operations.kinds.kind import Chunk
from workflow_processor.portions import in_portions

PORTION = 50
"""Messages in memory at a time, where their bodies are no more than a portion."""


def in_time(chunk: Chunk, sizes: Mapping[UUID, int]) -> Iterator[Sequence[Seen]]:
    """Its dead letters a portion at a time, by the bytes of their bodies, until its time is over. The first
    portion there is time for in any case, else it would never be through."""
    for portion in in_portions(chunk.seen, lambda letter: sizes.get(letter.id, 0), most=PORTION):
        yield portion
        if monotonic() > chunk.until:
            return
