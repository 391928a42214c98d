"""Repairing failed messages by program.

discovery    which rules there are
time_limit   ending what takes too long
containment  asking one rule about one message, whatever the rule does
cases        what triage goes by, read from the database
pipeline     claim → read → decide → settle
rules        the office's own rules

Rules that staff write, as data:

definition   a rule as data; `wording` tells it in words
texts        bodies in which single places can be changed
steps        what a rule can do
conditions   when it applies
staff_rule   a definition at work on a message
schemas      whether a body is what its type says
proposals    from an edit to the rules that it is an instance of
languages    CEL, RE2 and formats of dates, within bounds
limits       how much a rule may make, read and say
"""
