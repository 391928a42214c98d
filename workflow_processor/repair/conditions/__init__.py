"""When a rule applies, one condition a file. `registry` lists them in the order in which they are asked."""
