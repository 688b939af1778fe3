"""Writes the down of an up: the statements' changes, each turned round, in reverse order.

Pure, given the parsed statements and what an engine's `Live` tells of the database as it is before the up.
"""
