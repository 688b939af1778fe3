"""Templates: migrations with fields to fill in. Parsing and rendering are pure; only `service` and `live` look outside."""
