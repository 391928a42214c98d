"""The read side: one query object serves the list, the count, the facets and what an action touches.

tokens        the filter language, as far as it is spelling
keys          what each key of it means
moments       times behind a key
values        comparisons, numbers, sizes, ages and moments behind a key
patterns      text behind a key
words         what of it an index is asked for
paths         places in bodies and headers
terms         what each token asks of a dead letter
dead_letters  the query object
pages         one page of a list, by keyset
tallies       how many there are of what, as far as that can be told at once
completions   what a person may want to type next
facets        the same, for choosing from
patience      how long a page waits for that
letter        one dead letter with all that its page tells
neighbours    where a dead letter stands in the list it was opened from
exports       what a query finds, as rows of a file
groups        the causes, with their figures
group_list    the causes, found and sorted
saved_views   the saved views of a list
operations    operations with their progress and outcomes
rules         repair rules in the order of triage, with what each did
dry_runs      one dry run, and what it would make of each message
notifications what a person is told of
queues        the latest figures of each queue, and their history
health        how processes, queues and sources are
"""

from dashboard.queries.dead_letters import DeadLetterQuery
from dashboard.queries.pages import latest_attempt, newest
from dashboard.queries.tokens import QueryError

__all__ = ["DeadLetterQuery", "QueryError", "latest_attempt", "newest"]
