"""Why a step changes nothing. Each is a sentence's end, without a full stop, for the timeline."""


class NothingToDo(Exception):
    """What the step is for is not there, or is as it should be."""


class Cannot(Exception):
    """The step would have to guess, or would make what nobody can read."""


class OtherBody(Cannot):
    """The body is not of the kind that the rule reads: it is not the rule's fault at all."""
