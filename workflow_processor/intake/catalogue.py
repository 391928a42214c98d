"""Sources and groups: made by the first failure that needs them, known by heart from then on."""

from collections.abc import Iterable, Sequence

from consumers.failure import FINGERPRINT_VERSION, normalised
from workflow_processor import sql
from workflow_processor.intake.arrivals import Arrived
from workflow_processor.storable import NAME_LIMIT, TEXT_LIMIT, storable

Keys = tuple[dict[tuple[str, str], int], dict[str, int]]
"""The keys of sources, by queue and subscriber, and of groups, by fingerprint."""


class Catalogue:
    """The keys of sources and groups. What one transaction made is known only after it has committed."""

    def __init__(self) -> None:
        self._sources: dict[tuple[str, str], int] = {}
        self._groups: dict[str, int] = {}

    def keys(self, batch: Sequence[Arrived]) -> Keys:
        """The keys of the sources and of the fingerprints in the batch."""
        sources = self._source_keys(batch)
        return sources, self._group_keys(batch, sources)

    def learn(self, keys: Keys) -> None:
        """Keeps in mind what has been committed."""
        self._sources |= keys[0]
        self._groups |= keys[1]

    def _source_keys(self, batch: Iterable[Arrived]) -> dict[tuple[str, str], int]:
        wanted = {arrived.source: arrived.delegated.return_address for arrived in batch}
        return {
            source: self._sources.get(source) or _source(source, wanted[source]) for source in sorted(wanted)
        }

    def _group_keys(self, batch: Iterable[Arrived], sources: dict[tuple[str, str], int]) -> dict[str, int]:
        wanted = {arrived.fingerprint: arrived for arrived in batch}
        return {
            fingerprint: self._groups.get(fingerprint)
            or _group(fingerprint, arrived, sources[arrived.source])
            for fingerprint, arrived in sorted(wanted.items())
        }


def _source(source: tuple[str, str], return_address: str) -> int:
    queue, subscriber = (storable(name, NAME_LIMIT) for name in source)
    rows = sql.run(
        """
        INSERT INTO source (queue, subscriber, return_address, first_seen_at)
        VALUES (%(queue)s, %(subscriber)s, %(address)s, now())
        ON CONFLICT (queue, subscriber) DO UPDATE SET return_address = excluded.return_address
        RETURNING id
        """,
        {"queue": queue, "subscriber": subscriber, "address": storable(return_address, NAME_LIMIT)},
    )
    return int(rows[0].id)


def _group(fingerprint: str, arrived: Arrived, source: int) -> int:
    failure = arrived.failure
    rows = sql.run(
        """
        INSERT INTO failure_group (fingerprint, fingerprint_version, source_id, error_type, handler, text,
                                   top_frame, first_seen_at, last_seen_at)
        VALUES (%(fingerprint)s, %(version)s, %(source)s, %(error_type)s, %(handler)s, %(text)s,
                %(top_frame)s, now(), now())
        ON CONFLICT (fingerprint) DO UPDATE SET last_seen_at = now()
        RETURNING id
        """,
        {
            "fingerprint": fingerprint,
            "version": FINGERPRINT_VERSION,
            "source": source,
            "error_type": storable(failure.error_type, NAME_LIMIT),
            "handler": storable(failure.handler, NAME_LIMIT),
            "text": storable(_named(failure.text), TEXT_LIMIT),
            "top_frame": storable(failure.top_frame, NAME_LIMIT),
        },
    )
    return int(rows[0].id)


def _named(text: str) -> str:
    """What the texts of a group have in common. Where that is not a single word, as with `KeyError: 'SELL'`,
    the first of them, since somebody has to tell this group from others."""
    common = normalised(text)
    return common if any(map(str.isalpha, common)) or not text.strip() else f"{text} and the like"


def touch(groups: Iterable[int]) -> None:
    """Groups, and what they are merged into, were seen just now. One that another intake is touching is not
    waited for."""
    sql.run(
        """
        UPDATE failure_group SET last_seen_at = now()
        WHERE id IN (SELECT id FROM failure_group WHERE id IN (
                         SELECT unnest(ARRAY[id, merged_into_id]) FROM failure_group
                         WHERE id = ANY(%(ids)b::bigint[]))
                     AND last_seen_at < now() - interval '1 second' FOR NO KEY UPDATE SKIP LOCKED)
        """,
        {"ids": list(set(groups))},
    )
