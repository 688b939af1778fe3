"""The outside programs: processes, dbmate, migrate-mongo, PostgreSQL's tools, git. The only imports of subprocess and git."""
