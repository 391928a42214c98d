"""Runs a consumer: python -m consumers package.module:consumer"""

import os
from argparse import ArgumentParser
from importlib import import_module

from consumers.command_line import begin, broker_at
from consumers.consumer import BATCH, Consumer
from consumers.envelope import INTAKE_QUEUE
from consumers.loop import consume


def main() -> None:
    """The command line. Exits with 0 after it was asked to leave, with 2 where it cannot be run as told."""
    parser = ArgumentParser("python -m consumers", description="Runs a consumer until SIGTERM or Ctrl-C.")
    parser.add_argument("consumer", help="the consumer, as package.module:name")
    parser.add_argument("--broker", default=os.environ.get("BROKER_URL"), help="its URL (BROKER_URL)")
    parser.add_argument("--intake", default=INTAKE_QUEUE, help="the office's queue (%(default)s)")
    parser.add_argument("--batch", type=_size, default=BATCH, help="messages taken at a time (%(default)s)")
    parser.add_argument(
        "--database", default=os.environ.get("DATABASE_URL"), help="the office's (DATABASE_URL)"
    )
    told = parser.parse_args()
    try:
        broker = broker_at(told.broker)
    except ValueError as error:
        parser.exit(2, f"{error}\n")
    consumer = _imported(told.consumer)
    if not isinstance(consumer, Consumer) or not consumer.handlers:
        parser.exit(2, f"There is no Consumer with a handler at {told.consumer} (package.module:name).\n")
    if consumer.ordered and not told.database:
        parser.exit(2, "An ordered queue needs the office's database. Set DATABASE_URL or give --database.\n")
    stop = begin()
    consume(
        consumer.handlers, broker, intake=told.intake, batch=told.batch, stop=stop, database=told.database
    )


def _imported(where: str) -> object:
    """What is at `package.module:name`, or None. What goes wrong within the module goes its way."""
    module, _, name = where.partition(":")
    try:
        return getattr(import_module(module), name, None) if module else None
    except ModuleNotFoundError as error:
        if not f"{module}.".startswith(f"{error.name}."):
            raise  # the module is there, and imports something that is not
        return None


def _size(text: str) -> int:
    if (size := int(text)) < 1:
        raise ValueError
    return size


if __name__ == "__main__":
    main()
