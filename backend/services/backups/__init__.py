"""Backups: made, verified, listed, kept, restored. `service.py` is what the channels call."""
