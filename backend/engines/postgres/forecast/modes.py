"""PostgreSQL's lock modes, weakest first: what each blocks and where that is documented. Data only."""

from __future__ import annotations

from backend.engine.forecast.locks import Blocks

ORDER = (
    "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)  # fmt: skip
BLOCKS: dict[str, tuple[Blocks, ...]] = {
    # The first three block schema changes only: those that want ACCESS EXCLUSIVE, or SHARE for writers' locks.
    "ACCESS SHARE": ("schema changes",),
    "ROW SHARE": ("schema changes",),
    "ROW EXCLUSIVE": ("schema changes",),
    "SHARE UPDATE EXCLUSIVE": ("schema changes",),
    "SHARE": ("writes", "schema changes"),
    "SHARE ROW EXCLUSIVE": ("writes", "schema changes"),
    "EXCLUSIVE": ("writes", "schema changes"),
    "ACCESS EXCLUSIVE": ("reads", "writes", "schema changes"),
}
EXPLICIT_LOCKING = "PostgreSQL docs, Explicit Locking (explicit-locking.html)"
ALTER_TABLE = "PostgreSQL docs, ALTER TABLE (sql-altertable.html)"

AE, E, SRE, S, SUE, RE, RS, AS = reversed(ORDER)

ALTER: dict[str, str] = {
    # What the page ALTER TABLE does not except takes ACCESS EXCLUSIVE; these are its exceptions.
    "AT_AddConstraint": AE,  # a foreign key: SHARE ROW EXCLUSIVE, see `locks`
    "AT_EnableTrig": SRE, "AT_EnableAlwaysTrig": SRE, "AT_EnableReplicaTrig": SRE, "AT_DisableTrig": SRE,
    "AT_EnableTrigAll": SRE, "AT_DisableTrigAll": SRE, "AT_EnableTrigUser": SRE, "AT_DisableTrigUser": SRE,
    "AT_ValidateConstraint": SUE, "AT_SetStatistics": SUE, "AT_SetOptions": SUE, "AT_ResetOptions": SUE,
    "AT_ClusterOn": SUE, "AT_DropCluster": SUE, "AT_SetRelOptions": SUE, "AT_ResetRelOptions": SUE,
    "AT_AttachPartition": SUE, "AT_DetachPartitionFinalize": SUE,
}  # fmt: skip
LOCK_TABLE = {
    1: AS, 2: RS, 3: RE, 4: SUE, 5: S, 6: SRE, 7: E, 8: AE,
}  # fmt: skip
