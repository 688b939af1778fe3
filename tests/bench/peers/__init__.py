"""Other programs that write the statements between two schemas, on the pairs that ours is tested with.

Each engine has a `Field` (its pairs, copies and judge) and its peers. The judge is the engine's own dump, never a peer's
or our own comparison. What a peer wrote is run on a copy of the old schema and that is compared with the new one.
"""
