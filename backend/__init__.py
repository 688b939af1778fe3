"""DB Toolkit's backend. `app.py` builds the rooms; `docs/architecture.md` draws the house."""

__version__ = "0.1.0"
