"""The framework of risk rules: what a rule is, what it is told, how its hits become findings of a file.

Pure: no I/O here; what is known of the database comes in as `Facts`. An engine's reader turns its text into
statements with operations (`ops`); rules look at operations, never at text by regular expression.
"""
