"""What Python's collector of cycles costs a process that moves batches of hundreds of messages."""

import gc

ALLOCATIONS = 50_000
"""New objects between two looks for cycles: about those of one batch, none of which is left after it. With
Python's own 700 a tenth of a worker's time went into looking."""


def settle() -> None:
    """Called when a process has loaded what it works with: that stays, and is not looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS)
