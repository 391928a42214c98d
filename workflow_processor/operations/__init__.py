"""Bulk work over a frozen set of dead letters: 100,000 is an ordinary size.

kinds      what an operation can do, one file each
planning   freezes the dead letters that it is about
starting   has a worker begin at once
states     planned, running, paused, finished, cancelled: guarded like a dead letter's
work       carries it out, a chunk at a time
files      corrected messages that were brought in as a file
outcomes   what became of each, and how many of which
acts       what people do with operations
"""
