"""Measures what DB Toolkit promises about speed, as ratios to the bare tools in the same minute on the same machine.

    python -m tests.bench [--quick] [names]

Ours and the peer take turns, so that a busy machine slows both; a line is the median of its rounds.
"""
