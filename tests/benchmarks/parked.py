"""Dead letters that wait for a person, and the operation that sends all of them back."""

from itertools import islice

from tests.benchmarks import letters
from tests.benchmarks.letters import QUEUE, SUBSCRIBER
from tests.benchmarks.machine import Machine

BATCH = 500


def add(machine: Machine, count: int) -> None:
    """So many more, where no program is at work; they have waited for so long that a search finds them."""
    from workflow_processor.intake.arrivals import Arrived, read
    from workflow_processor.intake.catalogue import Catalogue
    from workflow_processor.intake.storing import store
    from workflow_processor.repair import pipeline
    from workflow_processor.search import indexing

    known = Catalogue()
    with machine.broker() as broker:
        failed = letters.failed(broker, count, broker.declare(QUEUE, SUBSCRIBER))
        arrived = (one for one in map(read, failed) if isinstance(one, Arrived))
        while batch := list(islice(arrived, BATCH)):
            pipeline.repair(store(batch, [], known), [])
    while indexing.catch_up():
        continue


def requeue() -> None:
    """Confirms an operation over them."""
    from django.contrib.auth.models import User

    from workflow_processor.models import DeadLetter, Operation
    from workflow_processor.operations import acts

    person, _ = User.objects.get_or_create(username="bench", is_superuser=True)
    order = acts.Order(kind="requeue", selection=Operation.Selection.QUERY, reason="It is measured.")
    acts.plan(person, order, DeadLetter.objects.filter(state="parked", group__handler=letters.HANDLER))
