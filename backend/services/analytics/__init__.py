"""What the ledger's numbers say: rates, times, outliers with their reasons, comparisons, suggestions, and the report."""
