"""What a person can do, one noun a file. The permission is checked here, where the work is done, and the act
is written down in the transaction that does it.

dead_letters  requeue, undo, edit, discard, restore
held          what waits behind a dead letter of its key
assignments   whose a dead letter or a group is
comments      what people say to each other about it
tickets       links to where it is worked on elsewhere
notes         what is known of a group
snoozes       groups that are put away until later
merges        groups that are one cause after all
people        who may do what
sources       how a source is treated
saved_views   lists kept under a name
exports       messages taken out of the office
record        the permission and the audit entry of each
"""

from workflow_processor.acts.dead_letters import discard, edit, requeue, restore, undo
from workflow_processor.acts.held import discard_held, open_gate, release_held
from workflow_processor.acts.record import Outcome, check

__all__ = [
    "Outcome",
    "check",
    "discard",
    "discard_held",
    "edit",
    "open_gate",
    "release_held",
    "requeue",
    "restore",
    "undo",
]
