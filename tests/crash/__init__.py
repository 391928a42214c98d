"""The proof that nothing is lost: real processes, killed at every point, and a checker at the end.

letters    what is sent            ledger   what was sent, on disk before it is
sorting    the consumer            sink     what it did, each time it did it
clerk      a person                checker  holds all of it, and the database, against each other
points     where a process dies    strikes  when it dies
launcher   the crash build         sabotage what the checker has to find
offices    processes that are started again
soak       all of it for a long time, with servers that die as well (durable, rabbitmq_node)
"""

QUEUE, ORDERED_QUEUE, BOOKED_QUEUE, SUBSCRIBER = "letters", "accounts", "bookings", "sorter"
CLERK = "clerk"
