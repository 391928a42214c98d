"""How people change a message: what a form can carry unchanged, and what comes back in it.

bodies        exact bytes through a form and back
fields        a body as a form of fields, and back into the same text
spots         the parts of a body, and where they stand
lines         whole lines of delimited text, put in and taken out
kinds         the kinds of single values in a form
additions     what is added to a body as a form
outline       what a schema says of single values
known         the message type of a message, and its schema
headers       headers with their types
drafts        what a person made of a revision
checks        whether a draft is what its receiver can read
differences   two messages, as texts to be compared
"""
