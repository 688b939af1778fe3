"""How each kind of entry is taken away. Never CASCADE: what stands in the way is dropped by name before."""

from __future__ import annotations

import re

from backend.engine.schema.model import Hazard, HazardKind, SchemaObject, Step

from .grants import revoked
from .names import literal

_PLAIN = {
    "table", "foreign table", "view", "materialized view", "sequence", "index", "function", "procedure", "aggregate", "domain",
    "type", "schema", "extension", "collation", "operator", "operator class", "operator family", "cast", "conversion",
    "language",
    "text search parser", "text search dictionary", "text search template", "text search configuration", "server",
    "publication",
    "statistics", "event trigger", "trigger", "rule", "policy", "access method", "transform",
}  # fmt: skip
_WORDS = {
    "procedural language": "LANGUAGE",
    "foreign data wrapper": "FOREIGN DATA WRAPPER",
    "shell type": "TYPE",
}
_TABLE = re.compile(
    r"ALTER (?P<foreign>FOREIGN )?TABLE (?:ONLY )?(?P<table>.+?)\s+(?:ADD CONSTRAINT|ALTER COLUMN|ENABLE ROW)",
    re.DOTALL,
)


def dropped(one: SchemaObject) -> list[Step] | None:
    """The statements; None where PostgreSQL has none, an empty list where it goes away with something else."""
    ids = (one.id,)
    identity = one.facts.get("identity", "")
    match one.kind:
        case "table":
            lost = Hazard(HazardKind.DATA_LOSS, f"The rows of {identity} are lost.")
            return [Step(f"DROP TABLE {identity}", ids, (lost,))]
        case "materialized view":
            return [Step(f"DROP MATERIALIZED VIEW {identity}", ids)]
        case "index":
            gone = Hazard(HazardKind.INDEX_DROPPED, f"Queries that used {identity} read whole tables.")
            return [Step(f"DROP INDEX {identity}", ids, (gone,))]
        case kind if kind in _PLAIN:
            return [Step(f"DROP {kind.upper()} {identity}", ids)]
        case kind if kind in _WORDS:
            return [Step(f"DROP {_WORDS[kind]} {identity}", ids)]
        case "user mapping":
            return [
                Step(
                    re.sub(
                        r"^CREATE (USER MAPPING FOR .+? SERVER \S+).*$",
                        r"DROP \1",
                        one.sql.strip(),
                        flags=re.DOTALL,
                    ).rstrip(";"),
                    ids,
                )
            ]
        case "constraint" | "fk constraint" | "check constraint":
            if on_domain := re.match(
                r"(ALTER DOMAIN .+?)\s+ADD CONSTRAINT (\"(?:[^\"]|\"\")+\"|\S+) ", one.sql, re.DOTALL
            ):
                return [Step(f"{on_domain[1]} DROP CONSTRAINT {on_domain[2]}", ids)]
            table = _table(one)
            name = identity.rpartition(" on ")[0] or one.name.rpartition(" ")[2]
            return [Step(f"{table} DROP CONSTRAINT {name}", ids)] if table else None
        case "default":
            match = re.match(
                r"(ALTER TABLE (?:ONLY )?.+ ALTER COLUMN (?:\"(?:[^\"]|\"\")+\"|\S+)) SET DEFAULT ", one.sql
            )
            return [Step(f"{match[1]} DROP DEFAULT", ids)] if match else None
        case "identity":
            match = re.match(
                r"(ALTER TABLE .+ ALTER COLUMN (?:\"(?:[^\"]|\"\")+\"|\S+)) ADD GENERATED ", one.sql
            )
            return [Step(f"{match[1]} DROP IDENTITY", ids)] if match else None
        case "sequence owned by":
            match = re.match(r"ALTER SEQUENCE (.+) OWNED BY ", one.sql)
            return [Step(f"ALTER SEQUENCE {match[1]} OWNED BY NONE", ids)] if match else None
        case "row security":
            return [Step(one.sql.rstrip().removesuffix(";").replace(" ENABLE ROW", " DISABLE ROW"), ids)]
        case "comment":
            if one.sql.startswith("COMMENT ON SCHEMA public IS "):
                # pg_dump is silent about this one where it says what initdb said.
                return [Step(f"COMMENT ON SCHEMA public IS {literal('standard public schema')}", ids)]
            match = re.match(r"(COMMENT ON .+?) IS (?:E?')", one.sql, re.DOTALL)
            return [Step(f"{match[1]} IS NULL", ids)] if match else None
        case "grant" | "default grant":
            return revoked(one, None)
        case "table attach":
            parent, child = one.facts.get("parent"), one.facts.get("child")
            return [Step(f"ALTER TABLE {parent} DETACH PARTITION {child}", ids)]
        case "index attach":
            return []
        case "publication table":
            match = re.match(
                r"ALTER PUBLICATION (.+?) ADD TABLE ONLY (.+?)(?: WHERE .*| \(.*)?;$", one.sql, re.DOTALL
            )
            return [Step(f"ALTER PUBLICATION {match[1]} DROP TABLE {match[2]}", ids)] if match else None
        case "publication tables in schema":
            return [Step(one.sql.rstrip(";\n").replace(" ADD ", " DROP ", 1), ids)]
        case _:
            return None


def _table(one: SchemaObject) -> str | None:
    match = _TABLE.match(one.sql)
    return f"ALTER {match['foreign'] or ''}TABLE {match['table']}" if match else None
