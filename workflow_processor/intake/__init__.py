"""The intake: failed messages and receipts come in here, and are committed before they are acknowledged.

arrivals    what came, made fit to be stored
storing     storing a batch of it in one transaction
desk        receive → read → store → acknowledge → hand on
"""
