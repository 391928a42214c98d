"""The statements that make a seeded office. `seed_letter` has everything of a chunk; all tables are filled
from it, so that they agree."""

from typing import LiteralString

CAUSES: LiteralString = """
CREATE TEMP TABLE seed_cause (
    n serial, "group" bigint, source bigint, address text, until float, error_type text, text text,
    traceback text, top_frame text, handler text, parked float, repaired float)
"""
HEADERS: LiteralString = "CREATE TEMP TABLE seed_headers (n int, raw bytea)"

# Ids are UUIDs of version 7, by the time at which the message failed. A random number is drawn once a row,
# in the innermost query; everything else is made from it and from the digits of a hash.
LETTERS: LiteralString = """
CREATE TEMP TABLE seed_letter AS
WITH drawn AS MATERIALIZED (
    SELECT n, md5('seed ' || n) AS h, random() AS which, random() AS fate, random() AS much,
           now() - make_interval(secs => %(days)s * 86400 * power(1 - n::float / (%(of)s + 1), 1.5)) AS at
    FROM generate_series(%(start)s::int, %(end)s::int) AS n
), fated AS (
    SELECT d.*, c.n AS cause, c."group", c.source, c.address, c.error_type, c.handler,
           upper(substr(h, 1, 11)) AS account, ('x' || substr(h, 12, 4))::bit(16)::int AS shares,
           CASE WHEN fate < c.parked THEN 'parked' WHEN fate < c.parked + 0.06 THEN 'discarded'
                WHEN fate < c.parked + 0.07 THEN 'waiting' WHEN fate < c.parked + 0.08 THEN 'requeued'
                ELSE 'resolved' END AS state,
           fate > 1 - c.repaired AS repaired, c.text AS template
    FROM drawn d JOIN seed_cause c ON c.n = least(
        1 + width_bucket(which, (SELECT array_agg(until ORDER BY n) FROM seed_cause)),
        (SELECT count(*) FROM seed_cause))
), written AS (
    SELECT f.*, f.n %% 7 = 0 AS csv,
           replace(template, '%%s', shares || ' SHARES') AS error_text,
           CASE WHEN f.n %% 7 = 0 THEN account || ',BUY,AAPL,' || shares || ' SHARES'
           ELSE '{"account": "' || account || '", "side": "' || (ARRAY['BUY', 'SELL'])[1 + shares %% 2]
                || '", "symbol": "' || (ARRAY['AAPL', 'MSFT', 'NVDA', 'SAP', 'BMW'])[1 + shares %% 5]
                || '", "shares": "' || shares || ' SHARES", "lines": [' || (
                    SELECT string_agg('{"sku": "' || substr(md5(h || line), 1, 8) || '", "qty": '
                                      || (shares + line) %% 50 || '}', ', ')
                    FROM generate_series(1, least(400, 1 + floor(-ln(1 - much) * 20)::int)) AS line
                ) || ']}'
           END AS body
    FROM fated f
)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(h, 1, 3) || 'a'
        || substr(h, 4, 15))::uuid AS id,
       w.*, at + interval '2 seconds' AS sent_at,
       CASE WHEN state = 'parked' THEN at + interval '1 second'
            ELSE least(now(), at + make_interval(secs => 5 + much * 7200)) END AS changed_at,
       h::uuid::text AS message_id, left(md5((n / 5)::text), 8) AS correlation_id,
       int4send(10) || 'message-id'::bytea || int4send(36) || convert_to(h::uuid::text, 'UTF8')
       || int4send(14) || 'correlation-id'::bytea || int4send(8)
       || convert_to(left(md5((n / 5)::text), 8), 'UTF8')
       || (SELECT raw FROM seed_headers WHERE seed_headers.n = shares %% 24) AS properties,
       state IN ('resolved', 'requeued') AND repaired AS mended,
       (n %% 50 = 0)::int AS again, (state IN ('resolved', 'requeued'))::int + (n %% 50 = 0)::int AS attempt
FROM written w
"""

ROWS: tuple[LiteralString, ...] = (
    """
    INSERT INTO dead_letter (
        id, version, state, source_id, group_id, message_id, message_id_derived, identity, correlation_id,
        content_type, ordering_key, size, preview, revision, error_type, error_text, handler, failures,
        attempt, first_failed_at, last_failed_at, received_at, changed_at, due_at, reason, by_silence,
        possible_duplicate, claim, lapses)
    SELECT id, 3, state, source, "group", message_id, false, sha256(id::text::bytea), correlation_id, '',
        CASE WHEN n % 3 = 0 THEN account END, length(body), left(body, 160), mended::int, error_type,
        error_text, handler, 1 + again, attempt, at, at, at, changed_at,
        CASE WHEN state = 'waiting' THEN now() + interval '30 days' END,
        CASE state WHEN 'parked' THEN 'No rule knows this fault.' WHEN 'discarded' THEN 'A test order.'
        ELSE '' END, false, n % 200 = 0, 1, 0
    FROM seed_letter ORDER BY id
    """,
    """
    INSERT INTO revision (dead_letter_id, number, body, properties, properties_format, return_address, author,
                          reason, created_at)
    SELECT id, 0, convert_to(body, 'UTF8'), properties, 'fields', address, 'original', '', at FROM seed_letter
    UNION ALL
    SELECT id, 1, convert_to(body, 'UTF8'), properties, 'fields', address, 'rule share-quantity 1', '', at
    FROM seed_letter WHERE mended
    """,
    """
    INSERT INTO failed_attempt (dead_letter_id, failure_id, attempt, group_id, kind, error_type, text,
                                traceback, top_frame, handler, host, tries, occurred_at)
    SELECT l.id, md5('failure ' || l.n || failed)::uuid, failed, l."group", 'unknown', l.error_type,
           l.error_text, c.traceback, c.top_frame, l.handler, 'worker-' || l.n % 9, 1, l.at
    FROM seed_letter l JOIN seed_cause c ON c.n = l.cause, generate_series(0, again) AS failed
    """,
    """
    INSERT INTO event (dead_letter_id, at, kind, actor, text, attempt, revision)
    SELECT id, at, 'received', 'intake', 'Failed.', 0, 0 FROM seed_letter
    UNION ALL SELECT id, at + interval '1 second', 'repaired', 'rule share-quantity 1', 'SHARES', 1, 1
    FROM seed_letter WHERE mended
    UNION ALL SELECT id, at + interval '1 second', 'parked', 'triage', 'No rule knows this fault.', 0, 0
    FROM seed_letter WHERE NOT mended
    UNION ALL SELECT id, sent_at, 'sent', 'relay', '', sending, mended::int
    FROM seed_letter, generate_series(1, attempt) AS sending
    UNION ALL SELECT id, changed_at, 'processed', 'intake', '', attempt, mended::int FROM seed_letter
    WHERE state = 'resolved'
    UNION ALL SELECT id, changed_at, 'discarded', 'seed', 'A test order.', 0, 0 FROM seed_letter
    WHERE state = 'discarded'
    """,
    """
    INSERT INTO outbox (dead_letter_id, attempt, revision, queue, state, possible_duplicate, created_at,
                        due_at, tries, refusals, error, sent_at)
    SELECT id, sending, mended::int, address, 'sent', false, sent_at, sent_at, 1, 0, '', sent_at
    FROM seed_letter, generate_series(1, attempt) AS sending
    """,
    """
    INSERT INTO flow (minute, group_id, kind, count, folded)
    SELECT date_trunc('minute', at), "group", kind, count(*), true FROM (
        SELECT at, "group", 'failed' AS kind FROM seed_letter
        UNION ALL SELECT at, "group", CASE WHEN mended THEN 'repaired' ELSE 'parked' END FROM seed_letter
        UNION ALL SELECT changed_at, "group", state FROM seed_letter
        WHERE state IN ('resolved', 'discarded')
    ) AS happened GROUP BY 1, 2, 3
    """,
    """
    INSERT INTO search_due (ids)
    SELECT array_agg(id) FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM seed_letter) AS numbered
    GROUP BY n / 500
    """,
)

FIGURES: tuple[LiteralString, ...] = (
    "INSERT INTO minute_flow (minute, kind, count) SELECT minute, kind, sum(count) FROM flow GROUP BY 1, 2",
    "INSERT INTO group_hour (group_id, hour, count) SELECT group_id, date_trunc('hour', minute), sum(count)"
    " FROM flow WHERE kind = 'failed' AND minute > now() - interval '2 days' GROUP BY 1, 2",
    "INSERT INTO state_count (group_id, source_id, state, change)"
    " SELECT group_id, source_id, state, count(*) FROM dead_letter GROUP BY 1, 2, 3",
    """
    UPDATE failure_group g SET first_seen_at = seen.first, last_seen_at = seen.last
    FROM (SELECT group_id, min(minute) AS first, max(minute) AS last FROM flow WHERE kind = 'failed'
          GROUP BY group_id) AS seen
    WHERE g.id = seen.group_id
    """,
    # A rare cause that no dead letter was drawn for.
    'DELETE FROM failure_group WHERE id IN (SELECT "group" FROM seed_cause)'
    " AND NOT EXISTS (SELECT FROM state_count WHERE group_id = failure_group.id)",
)
