"""Running a migration on a scratch copy and measuring it: what an engine does for it."""
