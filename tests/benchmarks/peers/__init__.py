"""What a user would otherwise have, written as the tutorials do."""

from tests.benchmarks.peers.by_tutorial import repaired_each, task_each

__all__ = ["repaired_each", "task_each"]
