"""Repairing failed messages by program.

discovery    which rules there are
time_limit   ending what takes too long
containment  asking one rule about one message, whatever the rule does
cases        what triage goes by, read from the database
pipeline     claim → read → decide → settle
rules        the office's own rules
"""
