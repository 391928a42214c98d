"""The checker: holds the producer's ledger, the sink and the office's rows against each other.

It is a function of what it is given. What it takes for a fault:

lost                 a confirmed message that has no effect and that the office does not know.
unsettled            one that the office still has in its hands, and that no person has to see to.
in two states        one that was processed and is parked, held or in work as well, or discarded and parked.
copies               Where a broker delivers a message once more, the office may have it twice. That is no
                     fault where the copy says that it may be a duplicate: a person sees it.
unmarked duplicate   Of all the effects of one message, one may be unmarked. Any further one has to be marked:
                     by the broker, which delivered that message as delivered before, or by our header
                     dlo-possible-duplicate. Each that is not counts. Which of two effects came first does
                     not matter: a process that was stopped in the middle of the first has its effect later
                     than the one that was given the message after it.
repeated             With the inbox: any effect but the first, marked or not.
wrong bytes          an effect whose body is not that which its producer or, after a requeue, the revision
                     has that the dashboard shows for it; or whose business header did not come through.
order inversion      a message that has its first effect after that of a later one of its key.
audit                an act of a person without its audit entry, an entry without its act, or an act that was
                     answered and is not in the audit.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from tests.crash.ledger import Entered
from tests.crash.sink import Effect

RESTING = ("parked", "discarded")
IN_WORK = ("received", "repairing", "waiting", "requeued")


@dataclass(frozen=True, slots=True)
class Rows:
    """What the office's database has of the messages in question."""

    letters: Sequence[tuple[str, str, bool]] = ()
    """Of each dead letter: message id, state, and whether it says that it may be a duplicate."""
    held: Sequence[tuple[str, bool]] = ()
    """The same of each message that waits behind a gate."""
    sent: Mapping[str, str] = field(default_factory=dict)
    """By requeue id: the SHA-256 of the body that was to be sent."""
    acts: Sequence[tuple[str, str]] = ()
    """Dead letter and event of everything that a timeline tells of a person."""
    audit: Sequence[tuple[str, str]] = ()
    """The same, as the audit has it."""
    answered: Sequence[tuple[str, str]] = ()
    """The same, as the person was told of it."""


@dataclass(frozen=True, slots=True)
class Report:
    """How many there are of everything."""

    confirmed: int
    processed: int
    parked: int
    held: int
    discarded: int
    lost: int
    unsettled: int
    in_two_states: int
    copies: int
    effects: int
    marked_duplicates: int
    unmarked_duplicates: int
    wrong_bytes: int
    order_inversions: int
    acts: int
    audit_faults: int
    examples: Mapping[str, list[str]]
    """Of what should not be: a few message ids each."""

    def faults(self, *, ordered: bool, once: bool) -> dict[str, int]:
        """What should not be, and is. `ordered`: the queue has an ordering key. `once`: the effects go
        through the inbox."""
        wrong = ["lost", "unsettled", "in_two_states", "unmarked_duplicates", "wrong_bytes", "audit_faults"]
        wrong += ["order_inversions"] if ordered else []
        wrong += ["marked_duplicates"] if once else []
        return {name: getattr(self, name) for name in wrong if getattr(self, name)}

    def table(self) -> str:
        """For people: a line each."""
        names = [name for name in self.__slots__ if name != "examples"]
        told = [f"{name.replace('_', ' '):30}{getattr(self, name):8}" for name in names]
        return "\n".join([*told, *(f"{name}: {', '.join(ids)}" for name, ids in self.examples.items())])


def check(ledger: Sequence[Entered], effects: Sequence[Effect], rows: Rows) -> Report:
    """Reckons what became of the messages in the ledger. What was published and not confirmed may be lost;
    everything else holds for it as well."""
    ours = {entry.id: entry for entry in ledger}
    effects = [effect for effect in effects if effect.id in ours]
    processed = {effect.id for effect in effects}
    states, copies = _states(ours, processed, rows)
    confirmed = [entry.id for entry in ledger if entry.confirmed]
    wrong: dict[str, list[str]] = {
        "lost": [id for id in confirmed if not states[id]],
        "unsettled": [id for id in ours if "unsettled" in states[id]],
        "in two states": [id for id in ours if len(states[id]) > 1],
        "unmarked duplicates": _unmarked(effects),
        "wrong bytes": [effect.id for effect in effects if not _right(effect, ours[effect.id], rows.sent)],
        "order inversions": _inversions(effects),
        "audit faults": _audit_faults(rows),
    }
    have = Counter(state for id in confirmed for state in states[id])
    return Report(
        confirmed=len(confirmed),
        processed=have["processed"],
        parked=have["parked"],
        held=have["held"],
        discarded=have["discarded"],
        lost=len(wrong["lost"]),
        unsettled=len(wrong["unsettled"]),
        in_two_states=len(wrong["in two states"]),
        copies=len(copies),
        effects=len(effects),
        marked_duplicates=len(effects) - len(processed) - len(wrong["unmarked duplicates"]),
        unmarked_duplicates=len(wrong["unmarked duplicates"]),
        wrong_bytes=len(wrong["wrong bytes"]),
        order_inversions=len(wrong["order inversions"]),
        acts=len(rows.acts),
        audit_faults=len(wrong["audit faults"]),
        examples={name: ids[:5] for name, ids in wrong.items() if ids},
    )


def _states(ours: Iterable[str], processed: set[str], rows: Rows) -> tuple[dict[str, set[str]], list[str]]:
    """Where each message is, and which have marked copies beside that. A discard ends a dead letter and does
    not undo what an earlier copy of the message has done."""
    states: dict[str, set[str]] = {id: {"processed"} if id in processed else set() for id in ours}
    copies = []
    resting = [(id, state, marked) for id, state, marked in rows.letters if state in RESTING]
    resting += [(id, "held", marked) for id, marked in rows.held]
    for id, state, marked in sorted(resting, key=itemgetter(2)):
        if state == "discarded" and id in processed:
            continue
        if marked and states[id] - {state}:
            copies.append(id)
        else:
            states[id].add(state)
    for id, state, _ in rows.letters:
        if state in IN_WORK:
            states[id].add("unsettled")
    return states, copies


def _unmarked(effects: Iterable[Effect]) -> list[str]:
    """The message of each unmarked effect but one."""
    unmarked = Counter(effect.id for effect in effects if not (effect.marked or effect.redelivered))
    return [id for id, times in unmarked.items() for _ in range(times - 1)]


def _right(effect: Effect, entry: Entered, sent: Mapping[str, str]) -> bool:
    """Whether the body is the producer's or, after a requeue, that of the revision that was sent; whether it
    is as it should be at the end; and whether its business header came through."""
    origin = sent.get(effect.requeue) if effect.requeue else entry.digest
    return effect.digest == origin == entry.mended and effect.seal == entry.seal


def _inversions(effects: Iterable[Effect]) -> list[str]:
    """Each message that a later one of its key was before; first effects count."""
    latest: dict[str, int] = defaultdict(lambda: -1)
    seen: set[str] = set()
    overtaken = []
    for effect in effects:
        if effect.id not in seen:
            seen.add(effect.id)
            if effect.sequence < latest[effect.key]:
                overtaken.append(effect.id)
            latest[effect.key] = max(latest[effect.key], effect.sequence)
    return overtaken


def _audit_faults(rows: Rows) -> list[str]:
    """Dead letters of which timeline, audit and the person's own memory do not say the same."""
    acts, audit, answered = Counter(rows.acts), Counter(rows.audit), Counter(rows.answered)
    differ = (acts - audit) + (audit - acts) + (answered - audit)
    return [letter for (letter, _), times in differ.items() for _ in range(times)]
