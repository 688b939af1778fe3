"""Runs: plan, consent, lock, ledger, tool, truth, schema file. One module a step; `service.py` walks them in order."""
