"""The port every database engine implements, what it can do, and how engines are found. No engine is named here."""
