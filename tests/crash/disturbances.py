"""What is done to an office in a soak, and when: the same for the same seed."""

from enum import StrEnum
from random import Random
from typing import NamedTuple


class Kind(StrEnum):
    KILL = "kill"
    STOP = "stop"
    """SIGSTOP, and SIGCONT after a while."""
    CUT = "cut"
    """Every connection through one proxy is lost."""


class Disturbance(NamedTuple):
    at: float
    """Seconds from the beginning."""
    kind: Kind
    chance: float
    """From 0 to 1: whom it befalls."""


def planned(seed: int, seconds: float, kills: int, stops: int, cuts: int) -> list[Disturbance]:
    """So many of each kind at random times within these seconds."""
    random = Random(seed)
    kinds = [Kind.KILL] * kills + [Kind.STOP] * stops + [Kind.CUT] * cuts
    return sorted(Disturbance(random.uniform(0, seconds), kind, random.random()) for kind in kinds)
