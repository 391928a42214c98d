"""How people change a message: what a form can carry unchanged, and what comes back in it.

bodies        exact bytes through a form and back
fields        a body as a form of fields, and back into the same text
headers       headers with their types
drafts        what a person made of a revision
checks        whether a draft is what its receiver can read
differences   two messages, as texts to be compared
"""
