"""How people change a message: what a form can carry unchanged, and what comes back in it.

bodies        exact bytes through a form and back
headers       headers with their types
drafts        what a person made of a revision
differences   two messages, as texts to be compared
"""
