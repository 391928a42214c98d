"""Rules of this office, one file each: `consumers.repair` says what a rule is. They are tried by file name.

A file here whose name begins with an underscore is no rule; what rules share goes there. Rules may live
anywhere else as well, as long as RULES names their module or package.
"""
