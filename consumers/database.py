"""The office's database: where it is, and what keeps it from being used."""

import psycopg
from psycopg.conninfo import conninfo_to_dict

Parameters = dict[str, str | int | None]

VANISHED = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""libpq's parameters by which a server that vanished without a word, its machine or the network, is missed
within a minute (seconds, seconds, tries, milliseconds). Otherwise it is waited for for hours."""


def parameters(address: str, connect_timeout: int) -> Parameters:
    """libpq's parameters for an address; what it says itself stays as it says. Raises
    psycopg.ProgrammingError for one that libpq does not read."""
    return {**VANISHED, "connect_timeout": connect_timeout, **conninfo_to_dict(address)}


def complaint(error: psycopg.Error) -> str:
    """What the database said, or why it said nothing, in a line without a password."""
    said = error.diag.message_primary
    return f"{said} ({error.sqlstate})" if said else " ".join(str(error).split())
