"""How each state looks: colour means state, and never stands without an icon and a word."""

from typing import NamedTuple


class Look(NamedTuple):
    word: str
    icon: str
    tone: str
    """A class of static/css/states.css: red, amber, blue, green, violet or grey."""
    meaning: str


LOOKS = {
    "received": Look("Received", "inbox", "blue", "Taken in; nothing decided yet"),
    "repairing": Look("Repairing", "wrench", "blue", "A rule is at work on it"),
    "waiting": Look("Waiting", "clock", "amber", "A retry is scheduled"),
    "parked": Look("Parked", "octagon-alert", "red", "A person is needed"),
    "requeued": Look(
        "Requeued", "send", "blue", "Sent back; its consumer has not said yet what became of it"
    ),
    "resolved": Look(
        "Resolved", "circle-check", "green", "Processed, by the consumer's own word or its silence"
    ),
    "discarded": Look("Discarded", "archive-x", "grey", "Ended without processing, with a reason"),
    # Not states of a dead letter, but said of one in the same way.
    "came back": Look("Came back", "rotate-ccw", "amber", "Failed again after a requeue"),
    "edited": Look("Edited", "pencil", "violet", "Its message is no longer the one that failed first"),
    "repaired": Look("Repaired", "wand-sparkles", "violet", "A rule changed its message"),
    "nearly full": Look("Nearly full", "hourglass", "red", "So many wait that its consumer slows down"),
    "stuck": Look("Stuck", "octagon-alert", "red", "A key waits for a message that never came to the office"),
    "duplicate": Look("Possible duplicate", "copy", "amber", "The same message may have been through before"),
    # Of operations, and what came of each of their messages.
    "planned": Look("Planned", "clock", "grey", "Begins in a moment"),
    "running": Look("Running", "play", "blue", ""),
    "paused": Look("Paused", "pause", "amber", "Goes on when a person resumes it"),
    "finished": Look("Finished", "circle-check", "green", "Nothing of it is left to do"),
    "cancelled": Look("Cancelled", "ban", "grey", "What was not done stays undone"),
    "pending": Look("Not done", "clock", "grey", "Nothing was done with it yet"),
    "skipped": Look("Left alone", "ban", "grey", "It was no longer as it was when it was chosen"),
    "failed": Look("Failed", "circle-x", "red", "It could not be done"),
    "done": Look("Done", "check", "green", ""),
    "outbox": Look("In the outbox", "hourglass", "blue", "Requeued; it has not left yet"),
    "sent": Look(
        "Sent", "send", "blue", "The broker has it; its consumer has not said yet what became of it"
    ),
    "processed": Look("Processed", "circle-check", "green", "By the consumer's own word"),
    "withdrawn": Look("Taken back", "undo-2", "grey", "The requeue was undone before it left"),
    "snoozed": Look("Snoozed", "moon", "grey", "Put away until later"),
    "woken": Look("Back", "history", "amber", "Came back from a snooze"),
    # Of rules: what each may do by itself.
    "program": Look("Python", "terminal", "blue", "A developer wrote it; it repairs by itself"),
    "automatic": Look("Automatic", "play", "green", "Repairs by itself"),
    "suggest": Look("Suggests", "eye", "amber", "Shows what it would do; a person accepts it"),
    "off": Look("Off", "pause", "grey", "Is not asked"),
    # And what would become of a message in a dry run.
    "would repair": Look("Would be repaired", "wand-sparkles", "violet", ""),
    "invalid": Look(
        "Would not validate", "triangle-alert", "amber", "It would be changed, and left all the same"
    ),
    "left": Look("Would be left", "ban", "grey", "It matches, and there is nothing that the rule can do"),
    "misbehaved": Look("Rule misbehaves", "circle-x", "red", "It breaks, or takes too long"),
    # Of sources.
    "failing": Look("Failing", "octagon-alert", "red", "Something failed in the last five minutes"),
    "failed lately": Look("Failed lately", "clock", "amber", "Something failed in the last hour"),
    "quiet": Look("Quiet", "circle-check", "green", "Nothing failed in the last hour"),
    "ok": Look("Working", "circle-check", "green", "Answers"),
    "late": Look("Late", "clock", "amber", "Has not been heard of for a while"),
    "down": Look("Down", "circle-x", "red", "Does not answer"),
    "unknown": Look("Unknown", "circle-help", "grey", "Not known"),
}

EVENTS = {
    "received": Look("Received", "inbox", "blue", ""),
    "seen again": Look("Seen again", "copy", "grey", ""),
    "came back": Look("Came back", "rotate-ccw", "amber", ""),
    "came back late": Look("Came back late", "rotate-ccw", "amber", ""),
    "repairing": Look("Repair begun", "wrench", "blue", ""),
    "retry scheduled": Look("Retry scheduled", "clock", "amber", ""),
    "repaired": Look("Repaired", "wand-sparkles", "violet", ""),
    "parked": Look("Parked", "octagon-alert", "red", ""),
    "edited": Look("Edited", "pencil", "violet", ""),
    "requeued": Look("Requeued", "corner-up-left", "blue", ""),
    "withdrawn": Look("Requeue taken back", "undo-2", "grey", ""),
    "sent": Look("Sent", "send", "blue", ""),
    "unroutable": Look("Could not be sent", "unplug", "red", ""),
    "processed": Look("Processed", "circle-check", "green", ""),
    "processed late": Look("Processed late", "circle-check", "amber", ""),
    "resolved by silence": Look("Resolved by silence", "hourglass", "green", ""),
    "discarded": Look("Discarded", "archive-x", "grey", ""),
    "restored": Look("Restored", "undo-2", "amber", ""),
    "assigned": Look("Assigned", "user", "grey", ""),
    "commented": Look("Comment", "message-square", "grey", ""),
    "linked": Look("Ticket linked", "link", "grey", ""),
    "unlinked": Look("Link taken away", "link", "grey", ""),
    "noted": Look("Note changed", "pencil", "grey", ""),
    "snoozed": Look("Snoozed", "moon", "grey", ""),
    "woken": Look("Back", "history", "grey", ""),
    "merged": Look("Merged", "layers", "grey", ""),
    "split": Look("Split", "split", "grey", ""),
    "released": Look("Let go", "send", "blue", ""),
    "reconsidered": Look("Decided about again", "rotate-ccw", "blue", ""),
}
"""By the kind of a timeline's event."""


def look(state: str) -> Look:
    """The look of a state; one that has none is shown by its own name rather than not at all."""
    return LOOKS.get(state.replace("_", " ")) or _plain(state)


def event_look(kind: str) -> Look:
    return EVENTS.get(kind) or _plain(kind)


def _plain(name: str) -> Look:
    return Look(name.capitalize(), "circle-help", "grey", "")
