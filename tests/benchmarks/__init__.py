"""`make bench`: what the office does, measured beside what a user would otherwise have and beside the limit
of the machine; each figure a ratio, from rounds that alternate within one run.

    python -m tests.benchmarks                      every row, on Valkey and on RabbitMQ
    python -m tests.benchmarks intake requeueing    some rows
    python -m tests.benchmarks --broker valkey --rounds 5 --scale 0.1

One row a file. `rounds` measures, `machine` has the servers, `table` prints, `peers` are what it is beside.
"""
