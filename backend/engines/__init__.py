"""One package an engine, each with a module-level `ENGINE`. Engines never import each other, the store or services."""
