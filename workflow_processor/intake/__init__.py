"""The intake: failed messages and receipts come in here, and are committed before they are acknowledged.

arrivals    what came, made fit to be stored
storing     storing a batch of it in one transaction
tray        what is stored and not handed on yet
desk        receive → read → store → acknowledge → hand on
"""
