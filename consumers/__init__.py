"""What a service imports to have its failed messages delegated, repaired and sent back.

Save this as billing.py:

    from consumers import Consumer, Message, RetryLater

    consumer = Consumer()


    @consumer.handles("orders", subscriber="billing", attempts=2)
    def bill(message: Message) -> None:
        order = message.json()
        if order["total"] > 1_000:
            raise RetryLater("the bank sleeps", after=60)
        print(f"billed {order['customer']}: {order['total']}")

Run it, as often as you want processes, until Ctrl-C or SIGTERM:

    python -m consumers billing:consumer --broker valkey://localhost

A message for which `bill` raises goes to the office, with all that is known of the failure, and the next one
follows at once. Code with a loop of its own delegates through `Office`.
"""

from consumers.consumer import Consumer
from consumers.errors import CannotBeRepaired, NotDelegated, RetryLater
from consumers.message import Message
from consumers.office import Office

__all__ = ["CannotBeRepaired", "Consumer", "Message", "NotDelegated", "Office", "RetryLater"]
