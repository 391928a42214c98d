"""The pages, one noun a file. Those that are looked at are GETs; what people do is a POST to a noun.

permissions   who may look
pages         a page with what its frame shows
addresses     addresses of lists, and where an act came from
selection     the dead letters that an act is about
acting        carrying an act out, and saying what came of it
"""
