"""Channels: their registry, the one dispatch, and their schemas. Knows no channel by name."""
