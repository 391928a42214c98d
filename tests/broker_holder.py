"""Takes deliveries and holds them until it is killed.

Run as `python -m tests.broker_holder URL QUEUE SUBSCRIBER COUNT`.
"""

import sys
import time

from consumers.brokers import connect


def main(url: str, queue: str, subscriber: str, count: int) -> None:
    subscription = connect(url).subscribe(queue, subscriber)
    held = 0
    while held < count:
        held += len(subscription.receive(count - held, 1))
    sys.stdout.write(f"holding {held}\n")
    sys.stdout.flush()
    while True:
        time.sleep(60)


if __name__ == "__main__":
    _, url, queue, subscriber, count = sys.argv
    main(url, queue, subscriber, int(count))
