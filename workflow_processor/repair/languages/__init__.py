"""The small languages that rules are written in, each bounded in time and memory.

expressions   CEL, in which conditions and values are worked out; `cost` reckons what one could cost at most
subject       what expressions read of a message
patterns      RE2
dates         formats of dates
"""
