"""Kills the app, the tool or the server at random moments of a run, then asks whether DB Toolkit still tells the truth.

    python -m tests.faults --engine sqlite,mysql --count 100 --seed 7

The harness reads each database with queries of its own and believes nothing that the app says about it.
"""
