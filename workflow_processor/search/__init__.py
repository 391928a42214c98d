"""What people search messages by, kept beside the messages.

due         which dead letters are to be made searchable
projection  a message in searchable forms
indexing    the work itself: takes what is due, writes the projection
"""
