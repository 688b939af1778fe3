"""What a schema is made of, as the engine itself prints it, and what an engine does to compare and change schemas."""
