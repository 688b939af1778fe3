"""The app's own data: the ledger (SQLite), connection folders, secrets, settings. Knows no engine and no workflow."""
