"""Looking at a schema: descriptions, diagrams and documents. Nothing here changes or compares anything."""
