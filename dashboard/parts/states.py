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
    "repairing": Look("Repairing", "wrench", "blue", "Rules are being tried on it"),
    "waiting": Look("Waiting", "clock", "amber", "A retry is scheduled"),
    "parked": Look("Parked", "octagon-alert", "red", "Needs a person"),
    "requeued": Look("Requeued", "send", "blue", "Sent back; its consumer has not reported the outcome yet"),
    "resolved": Look(
        "Resolved", "circle-check", "green", "Processed, as its consumer confirmed or its silence"
    ),
    "discarded": Look("Discarded", "archive-x", "grey", "Ended without processing, with a reason"),
    # Not states of a dead letter, but said of one in the same way.
    "came back": Look("Came back", "rotate-ccw", "amber", "Failed again after a requeue"),
    "edited": Look("Edited", "pencil", "violet", "Its message has been changed since it first failed"),
    "repaired": Look("Repaired", "wand-sparkles", "violet", "A rule changed its message"),
    "nearly full": Look("Nearly full", "hourglass", "red", "So many are held that its consumer slows down"),
    "stuck": Look("Stuck", "octagon-alert", "red", "A key waits for a message that never reached the office"),
    "duplicate": Look("Possible duplicate", "copy", "amber", "This message may already have been processed"),
    # Of operations, and what came of each of their messages.
    "planned": Look("Planned", "clock", "grey", "Starts in a moment"),
    "running": Look("Running", "play", "blue", ""),
    "paused": Look("Paused", "pause", "amber", "Continues when a person resumes it"),
    "finished": Look("Finished", "circle-check", "green", "Nothing of it is left to do"),
    "cancelled": Look("Cancelled", "ban", "grey", "The remaining messages stay as they are"),
    "pending": Look("Not done", "clock", "grey", "Nothing has been done with it yet"),
    "skipped": Look("Skipped", "ban", "grey", "It had changed since it was selected"),
    "failed": Look("Failed", "circle-x", "red", "It could not be done"),
    "done": Look("Done", "check", "green", ""),
    "outbox": Look("In the outbox", "hourglass", "blue", "Requeued; not sent yet"),
    "sent": Look("Sent", "send", "blue", "The broker has it; its consumer has not reported the outcome yet"),
    "processed": Look("Processed", "circle-check", "green", "Confirmed by its consumer"),
    "withdrawn": Look("Taken back", "undo-2", "grey", "The requeue was undone before it was sent"),
    "snoozed": Look("Snoozed", "moon", "grey", "Set aside until later"),
    "woken": Look("Back from snooze", "history", "amber", "Came back from a snooze"),
    # Of rules: what each may do by itself.
    "program": Look(
        "Python", "terminal", "blue", "Written by a developer; repairs messages without a person"
    ),
    "automatic": Look("Automatic", "play", "green", "Repairs messages without a person"),
    "suggest": Look("Suggests", "eye", "amber", "Shows its repair for a person to accept"),
    "off": Look("Off", "pause", "grey", "Not used"),
    # And what would become of a message in a dry run.
    "would repair": Look("Would be repaired", "wand-sparkles", "violet", ""),
    "invalid": Look(
        "Would not validate", "triangle-alert", "amber", "Its result would be invalid, so it is left alone"
    ),
    "left": Look("Would be left", "ban", "grey", "It matches, but there is nothing for the rule to do"),
    "misbehaved": Look("Rule misbehaves", "circle-x", "red", "The rule fails or takes too long"),
    # Of sources.
    "failing": Look("Failing", "octagon-alert", "red", "Failures in the last five minutes"),
    "failed lately": Look("Failed lately", "clock", "amber", "Failures in the last hour"),
    "quiet": Look("Quiet", "circle-check", "green", "No failures in the last hour"),
    "ok": Look("Working", "circle-check", "green", "Responding"),
    "late": Look("Late", "clock", "amber", "Waiting for something that is down, or not seen for a while"),
    "down": Look("Down", "circle-x", "red", "Not responding"),
    "unknown": Look("Unknown", "circle-help", "grey", "Not known yet"),
}

EVENTS = {
    "received": Look("Received", "inbox", "blue", ""),
    "seen again": Look("Seen again", "copy", "grey", ""),
    "came back": Look("Came back", "rotate-ccw", "amber", ""),
    "came back late": Look("Came back late", "rotate-ccw", "amber", ""),
    "repairing": Look("Repair started", "wrench", "blue", ""),
    "retry scheduled": Look("Retry scheduled", "clock", "amber", ""),
    "repaired": Look("Repaired", "wand-sparkles", "violet", ""),
    "parked": Look("Parked", "octagon-alert", "red", ""),
    "edited": Look("Edited", "pencil", "violet", ""),
    "requeued": Look("Requeued", "corner-up-left", "blue", ""),
    "withdrawn": Look("Requeue undone", "undo-2", "grey", ""),
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
    "unlinked": Look("Ticket link removed", "link", "grey", ""),
    "noted": Look("Note changed", "pencil", "grey", ""),
    "snoozed": Look("Snoozed", "moon", "grey", ""),
    "woken": Look("Back from snooze", "history", "grey", ""),
    "merged": Look("Merged", "layers", "grey", ""),
    "split": Look("Split", "split", "grey", ""),
    "released": Look("Released", "send", "blue", ""),
    "reconsidered": Look("Reconsidered", "rotate-ccw", "blue", ""),
}
"""By the kind of a timeline's event."""


def look(state: str) -> Look:
    """The look of a state; one that has none is shown by its own name rather than not at all."""
    return LOOKS.get(state.replace("_", " ")) or _plain(state)


def event_look(kind: str) -> Look:
    return EVENTS.get(kind) or _plain(kind)


def _plain(name: str) -> Look:
    return Look(name.capitalize(), "circle-help", "grey", "")
