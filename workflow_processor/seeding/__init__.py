"""Dead letters by the million, for trying out what an office with many of them feels like.

causes   what fails, how often, and what becomes of it
letters  the rows, chunk by chunk, in set-based statements
"""

from workflow_processor.seeding.letters import seed

__all__ = ["seed"]
