"""JSON Schema: whether a body is what its type says, and what can be written otherwise without loss.

validation   a schema, and what it finds wrong with a body
cost         what a schema could cost at most
wording      what it finds, in words
coercions    values written as the schema wants them, where nothing is lost
"""
