"""What a rule can do, one step a file. `registry` lists them; no other can be named.

step          what every step is
work          a message while a rule works on it
value_step    steps that change values where they stand
written       a value as a definition gives it
"""
