"""Folders of other migration tools: looked at, converted, and written back out."""
