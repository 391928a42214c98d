"""Rules as people write them: the form and what it is about."""
