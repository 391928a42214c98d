"""The faults in trades that a program can mend, one rule a file."""
