"""Bodies as texts in which single places can be read and changed; every other character stays as it is.

paths      how people and patches name a place
document   what every body offers: places by path, values written to them
json_scan  JSON as a tree of positions
json_text  a JSON body
lines      a body of delimited lines, such as CSV
plain      any other text
readings   which of them a rule reads a body as
numbers    texts that are numbers without loss
"""
