"""The read side: one query object serves the list, the count, the facets and what an action touches.

tokens        the filter language, as far as it is spelling
terms         what each key of it means, as a condition on dead letters
dead_letters  the query object
pages         one page of a list, by keyset
facets        how many there are of what
letter        one dead letter with all that its page tells
groups        the causes, with their figures
group_list    the causes, found and sorted
queues        the latest figures of each queue, and their history
"""

from dashboard.queries.dead_letters import DeadLetterQuery
from dashboard.queries.pages import newest
from dashboard.queries.tokens import QueryError

__all__ = ["DeadLetterQuery", "QueryError", "newest"]
