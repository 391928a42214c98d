"""What a user would otherwise have, written as the tutorials do."""

from tests.benchmarks.peers.by_tutorial import repaired_each, task_each
from tests.benchmarks.peers.moving import one_by_one, shovelled

__all__ = ["one_by_one", "repaired_each", "shovelled", "task_each"]
