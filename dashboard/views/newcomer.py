"""What somebody sees who has just opened the office: how to connect a consumer, to be copied as it is."""

from urllib.parse import urlsplit

from django.conf import settings

EXAMPLE = """\
from consumers import Consumer, Message

consumer = Consumer()

@consumer.handles("orders", subscriber="billing", transient=(TimeoutError,), attempts=2)
def bill(message: Message) -> None:
    order = message.json()
    print("billed", order["customer"], int(order["amount"]))
"""
COMMAND = "python -m consumers billing:consumer --broker {broker}"
LOOP = """\
from consumers import Office

office = Office("{broker}")
office.delegate(body, error, queue="orders", handler="billing.bill", message_id="42")
"""


def first_steps() -> dict[str, str]:
    """Texts with the address of the business broker of this office."""
    broker = shown(settings.BROKER_URL)
    return {"example": EXAMPLE, "command": COMMAND.format(broker=broker), "loop": LOOP.format(broker=broker)}


def shown(address: str) -> str:
    """An address with the word PASSWORD where its password is: not everybody who may look may connect."""
    parts = urlsplit(address)
    if not parts.password:
        return address
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}:PASSWORD@{host}").geturl()
