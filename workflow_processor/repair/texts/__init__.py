"""Bodies as texts in which single places can be read and changed; every other character stays as it is.

paths        how people and patches name a place
document     what every body offers: places by path, values written to them
json_text    a JSON body
json_scan    JSON as a tree of positions
json_find    one member of it, found without the tree
json_parts   members and items put in and taken out
json_values  values as JSON spells them
json_patch   JSON Patch
lines        a body of delimited lines, such as CSV
plain        any other text
readings     which of them a rule reads a body as
numbers      texts that are numbers without loss
"""
