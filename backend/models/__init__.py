"""What crosses walls: pydantic models without behaviour. Times are UTC, ISO 8601 with Z; durations in milliseconds."""
