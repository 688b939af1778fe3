"""What a statement is going to do, before it runs: objects, locks, work, matching rows. Read from its tree, not run."""
