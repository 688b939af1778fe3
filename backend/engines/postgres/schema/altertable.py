"""A table's old and new CREATE TABLE into ALTER TABLE statements, element by element."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.engine.schema.model import Hazard, HazardKind, SchemaObject, Step

from .alterforeign import changed_options
from .casting import NUMBERS, TEXT, base, cast, mentions, storage, widens, zero
from .createtable import CreateTable, parse
from .facts import Column, columns_of


@dataclass
class AlterTable:
    old: SchemaObject
    new: SchemaObject
    renamed: Mapping[str, str]
    """Confirmed: old column → new one, unquoted."""
    inherited: frozenset[str] = frozenset()
    """Columns and constraints (as written) that change with the parent's: PostgreSQL hands them down by itself."""
    loosened: list[Step] = field(default_factory=list)
    """Constraints and defaults taken off, ahead of everything: what they use may be about to go."""
    before: list[Step] = field(default_factory=list)
    """Ahead of everything that is made or retyped."""
    steps: list[Step] = field(default_factory=list)
    recreated: set[str] = field(default_factory=set)
    """Columns that are dropped and added again, as written: their comments and grants went."""
    readded: set[str] = field(default_factory=set)
    """The same by the old, bare names."""
    exchanged: set[str] = field(default_factory=set)
    """Constraints that are dropped and added again, as written."""
    touched: set[str] = field(default_factory=set)
    """Columns that are dropped or get another type."""
    converted: set[str] = field(default_factory=set)
    """Of these, the ones whose new type is of another kind: a foreign key cannot go along."""
    persistence: bool = False
    """Whether it becomes logged or unlogged."""
    cannot: list[str] = field(default_factory=list)

    def run(self) -> None:
        was, becomes = parse(self.old.sql), parse(self.new.sql)
        self.was = {one.name: one for one in columns_of(self.old.facts)}
        self.becomes = {one.name: one for one in columns_of(self.new.facts)}
        self.texts_was, self.texts = was.columns, becomes.columns
        self.name = self.new.facts["identity"]
        self.table = f"ALTER {'FOREIGN ' if self.new.kind == 'foreign table' else ''}TABLE {self.name}"
        self._head(was, becomes)
        for source, target in self.renamed.items():
            if source in self.was and target in self.becomes and target not in self.was:
                self._step(f"RENAME COLUMN {self.was[source].quoted} TO {self.becomes[target].quoted}")
        constraints_was, constraints = was.constraints, becomes.constraints
        for name, text in constraints_was.items():
            if name in self.inherited:
                continue
            if constraints.get(name) != text and not self._only_validates(text, constraints.get(name)):
                self._loosen(f"DROP CONSTRAINT {name}")
                if name in constraints:
                    self.exchanged.add(name)
        came_from = {self.renamed.get(one, one): one for one in self.was}
        again = self._computed_again()
        for name in again:
            self.touched.add(name)
            self._step(f"DROP COLUMN {self.was[name].quoted}")
        for name, column in self.was.items():
            handed_down = column.inherited or column.quoted in self.inherited
            if self.renamed.get(name, name) not in self.becomes and not handed_down and name not in again:
                self.touched.add(name)
                lost = Hazard(HazardKind.DATA_LOSS, f"What the column {self.name}.{name} holds is lost.")
                self._step(f"DROP COLUMN {column.quoted}", lost)
                if column.generated:
                    # What it is computed from may be retyped before this table's turn.
                    self.before.append(self.steps.pop())
        for name, column in self.becomes.items():
            if column.quoted in self.inherited:
                continue
            if came_from.get(name) in again:
                continue
            if name in came_from:
                self._column(self.was[came_from[name]], column)
            elif not column.inherited:
                self._add(column)
        for name in (name for name in self.becomes if came_from.get(name) in again):
            rewritten = Hazard(HazardKind.REWRITE, f"{self.name} is written anew to compute {name} again.")
            self.recreated.add(self.becomes[name].quoted)
            self.readded.add(came_from[name])
            self._step(
                f"ADD COLUMN {self.becomes[name].quoted} {self.texts[self.becomes[name].quoted]}", rewritten
            )
        for name, text in constraints.items():
            if constraints_was.get(name) == text or name in self.inherited:
                continue
            if self._only_validates(constraints_was.get(name), text):
                self._step(f"VALIDATE CONSTRAINT {name}", self._fails(f"breaks {name}"))
            else:
                self._step(f"ADD CONSTRAINT {name} {text}", self._fails(f"breaks {name}"))
        self._after(was, becomes)

    def lost_comments(self) -> frozenset[str]:
        """How the comments begin that went with something that is made anew."""
        name = self.new.facts["identity"]
        columns = {f"COMMENT ON COLUMN {name}.{column} IS " for column in self.recreated}
        return frozenset(columns | {f"COMMENT ON CONSTRAINT {one} ON {name} IS " for one in self.exchanged})

    def _computed_again(self) -> set[str]:
        """Generated columns that stand in the way of a column they are computed from."""
        changing = {
            column.quoted
            for name, column in self.was.items()
            if (now := self.becomes.get(self.renamed.get(name, name))) is None
            or (now.type, now.collation) != (column.type, column.collation)
        }
        return {
            name
            for name, column in self.was.items()
            if column.generated
            and not (column.inherited or column.quoted in self.inherited)
            and self.renamed.get(name, name) in self.becomes
            and self.becomes[self.renamed.get(name, name)].generated
            and any(mentions(column.default or "", other) for other in changing)
        }

    @staticmethod
    def _only_validates(was: str | None, becomes: str | None) -> bool:
        return was is not None and becomes is not None and was == f"{becomes} NOT VALID"

    def _fails(self, why: str) -> Hazard:
        return Hazard(HazardKind.CORRECTNESS, f"It fails where a row of {self.name} {why}.")

    def _step(self, action: str, *hazards: Hazard) -> None:
        self.steps.append(Step(f"{self.table} {action}", (self.new.id,), hazards))

    def _loosen(self, action: str) -> None:
        self.loosened.append(Step(f"{self.table} {action}", (self.new.id,)))

    # -- the table itself ----------------------------------------------------------------------------------------

    def _head(self, was: CreateTable, becomes: CreateTable) -> None:
        self._of_type: str | None = None
        if was.head != becomes.head:
            unlogged_was, unlogged = " UNLOGGED " in was.head, " UNLOGGED " in becomes.head
            if unlogged_was != unlogged:
                self.persistence = True
                rewritten = Hazard(HazardKind.REWRITE, f"{self.name} is written anew.")
                self._step("SET UNLOGGED" if unlogged else "SET LOGGED", rewritten)
            typed_was, typed = (re.search(r" OF (?P<type>\S.*)$", one.head) for one in (was, becomes))
            if typed_was and not (typed and typed["type"] == typed_was["type"]):
                self._step("NOT OF")
            if typed and not (typed_was and typed["type"] == typed_was["type"]):
                self._of_type = typed["type"]
        tail_was, tail = _tail(was.tail), _tail(becomes.tail)
        for parent in tail_was["inherits"]:
            if parent not in tail["inherits"]:
                self._step(f"NO INHERIT {parent}")
        for key in ("partition", "server", "rest"):
            if tail_was[key] != tail[key]:
                self.cannot.append(
                    f"{self.name}: {tail_was[key] or 'nothing'} cannot become {tail[key] or 'nothing'}"
                    " without making the table anew."
                )
        if tail_was["with"] != tail["with"]:
            old, new = _options(tail_was["with"]), _options(tail["with"])
            gone = [name for name in old if name not in new]
            if gone:
                self._step(f"RESET ({', '.join(gone)})")
            changed = [f"{name}={value}" for name, value in new.items() if old.get(name) != value]
            if changed:
                self._step(f"SET ({', '.join(changed)})")
        if tail_was["options"] != tail["options"]:
            self._step(f"OPTIONS ({changed_options(tail_was['options'], tail['options'])})")
        self._inherit_later = [parent for parent in tail["inherits"] if parent not in tail_was["inherits"]]

    def _after(self, was: CreateTable, becomes: CreateTable) -> None:
        own = [
            column.quoted
            for name, column in self.becomes.items()
            if self._inherit_later and not column.local and name in self.was and self.was[name].local
        ]
        if own:
            self.cannot.append(
                f"{self.name} inherits {', '.join(own)} from now on, and keeps them as its own as well: a column that is"
                " there cannot become an inherited one only."
            )
        for parent in self._inherit_later:
            self._step(f"INHERIT {parent}")
        if self._of_type is not None:
            self._step(f"OF {self._of_type}")
        for statement in was.after:
            if statement not in becomes.after:
                self._undo(statement, becomes)
        for statement in becomes.after:
            again = any(f" ALTER COLUMN {name} SET " in statement for name in self.recreated)
            if statement not in was.after or again:
                self.steps.append(Step(statement, (self.new.id,)))

    def _undo(self, statement: str, becomes: CreateTable) -> None:
        """A later statement of the old entry that the new one lacks, taken back to the default."""
        if re.search(r" FORCE ROW LEVEL SECURITY$", statement):
            self._step("NO FORCE ROW LEVEL SECURITY")
        elif re.search(r" REPLICA IDENTITY ", statement):
            if not any(" REPLICA IDENTITY " in one for one in becomes.after):
                self._step("REPLICA IDENTITY DEFAULT")
        elif match := re.search(
            r" ALTER COLUMN (\"(?:[^\"]|\"\")+\"|\S+) SET (STORAGE|STATISTICS|COMPRESSION|\()", statement
        ):
            column = match[1]
            if not any(one.quoted == column for one in self.becomes.values()):
                return
            again = any(f" ALTER COLUMN {column} SET {match[2]}" in one for one in becomes.after)
            if again and match[2] != "(":
                return
            if match[2] == "STORAGE":
                kind = next(one.type for one in self.becomes.values() if one.quoted == column)
                self._step(f"ALTER COLUMN {column} SET STORAGE {storage(kind)}")
            elif match[2] == "STATISTICS":
                self._step(f"ALTER COLUMN {column} SET STATISTICS -1")
            elif match[2] == "COMPRESSION":
                self._step(f"ALTER COLUMN {column} SET COMPRESSION default")
            else:
                names = re.findall(r"(\w+)=", statement[match.end() :])
                self._step(f"ALTER COLUMN {column} RESET ({', '.join(names)})")
        elif "UPDATE pg_catalog." in statement:
            return
        else:
            self.cannot.append(f"{self.name}: `{statement}` cannot be taken back.")

    # -- columns -------------------------------------------------------------------------------------------------

    def _add(self, column: Column) -> None:
        text = self.texts.get(column.quoted)
        if text is None:
            return
        needs_value = (
            column.not_null and column.default is None and not column.generated and not column.identity
        )
        value = zero(column) if needs_value else None
        if value is not None and "NOT NULL" in text:
            filled = Hazard(
                HazardKind.CORRECTNESS,
                f"Rows that are there get {value} as {self.name}.{column.name}: it takes no NULL.",
            )
            place = re.search(r"(?: CONSTRAINT (?:\"(?:[^\"]|\"\")+\"|\S+))? NOT NULL", text)
            at = place.start() if place else len(text)
            self._step(f"ADD COLUMN {column.quoted} {text[:at]} DEFAULT {value}{text[at:]}", filled)
            self._step(f"ALTER COLUMN {column.quoted} DROP DEFAULT")
        else:
            self._step(f"ADD COLUMN {column.quoted} {text}")

    def _column(self, was: Column, becomes: Column) -> None:
        text_was, text = self.texts_was.get(was.quoted), self.texts.get(becomes.quoted)
        if text_was == text or (was.inherited and becomes.inherited and text is None):
            return
        name = becomes.quoted
        if (was.generated, bool(was.generated) and was.default) != (
            becomes.generated,
            bool(becomes.generated) and becomes.default,
        ):
            if was.generated and not becomes.generated and was.type == becomes.type:
                self._step(f"ALTER COLUMN {name} DROP EXPRESSION")
                was = Column(
                    **{
                        **{key: getattr(was, key) for key in Column.__slots__},
                        "generated": "",
                        "default": None,
                    }
                )
            else:
                self.touched.add(was.name)
                self.recreated.add(name)
                self.readded.add(was.name)
                hazards = (
                    ()
                    if was.generated
                    else (
                        Hazard(
                            HazardKind.DATA_LOSS,
                            f"What {self.name}.{was.name} holds is computed from now on.",
                        ),
                    )
                )
                self._step(f"DROP COLUMN {name}", *hazards)
                self._step(
                    f"ADD COLUMN {name} {text}", Hazard(HazardKind.REWRITE, f"{self.name} is written anew.")
                )
                return
        retyped = (was.type, was.collation) != (becomes.type, becomes.collation)
        plain = not becomes.generated
        if (
            plain
            and was.default is not None
            and (was.default != becomes.default or retyped)
            and not was.identity
        ):
            self._loosen(f"ALTER COLUMN {was.quoted} DROP DEFAULT")
        if retyped:
            self.touched.add(was.name)
            kinds = {base(was.type), base(becomes.type)}
            if not (kinds <= NUMBERS or kinds <= TEXT):
                self.converted.add(was.name)
            self._retype(was, becomes)
        if (
            plain
            and becomes.default is not None
            and (was.default != becomes.default or retyped)
            # A default that is an entry of its own and stays went with the old type.
            and ("DEFAULT" in (text or "") or was.default == becomes.default)
        ):
            self._step(f"ALTER COLUMN {name} SET DEFAULT {becomes.default}")
        self._not_null(was, becomes, text_was or "", text or "")

    def _retype(self, was: Column, becomes: Column) -> None:
        collate = f" COLLATE {becomes.collation}" if becomes.collation else ""
        using = "" if becomes.generated else f" USING {cast(becomes.quoted, was, becomes)}"
        hazards = []
        if not widens(was.type, becomes.type):
            hazards.append(
                Hazard(HazardKind.REWRITE, f"{self.name} is written anew for {was.type} → {becomes.type}.")
            )
            hazards.append(
                Hazard(HazardKind.EXCLUSIVE_LOCK, f"Nobody reads or writes {self.name} meanwhile.")
            )
            hazards.append(
                Hazard(
                    HazardKind.CORRECTNESS,
                    f"It fails where {self.name}.{was.name} holds what is no {becomes.type}.",
                )
            )
        self._step(f"ALTER COLUMN {becomes.quoted} TYPE {becomes.type}{collate}{using}", *hazards)

    def _not_null(self, was: Column, becomes: Column, text_was: str, text: str) -> None:
        pattern = re.compile(
            r"(?: CONSTRAINT (?P<name>\"(?:[^\"]|\"\")+\"|\S+))? NOT NULL(?P<no_inherit> NO INHERIT)?"
        )
        old, new = pattern.search(text_was), pattern.search(text)
        name = becomes.quoted
        if new and (new["name"] or new["no_inherit"]):
            named = f"CONSTRAINT {new['name']} " if new["name"] else ""
            required = f"ADD {named}NOT NULL {name}{new['no_inherit'] or ''}"
        else:
            required = f"ALTER COLUMN {name} SET NOT NULL"
        if was.not_null and not becomes.not_null:
            self._step(f"ALTER COLUMN {name} DROP NOT NULL")
        elif becomes.not_null and not was.not_null:
            holds = Hazard(HazardKind.CORRECTNESS, f"It fails where {self.name}.{becomes.name} holds NULL.")
            self._step(required, holds)
        elif old and new and old.group() != new.group():
            self._step(f"ALTER COLUMN {name} DROP NOT NULL")
            self._step(required)


def _tail(text: str) -> dict[str, Any]:
    """INHERITS (a list of parents), PARTITION BY, WITH, SERVER, OPTIONS and the rest of what follows the bracket."""
    found: dict[str, Any] = {
        "inherits": [],
        "partition": "",
        "with": "",
        "server": "",
        "options": "",
        "rest": "",
    }
    rest = []
    for line in re.split(r"\n(?=INHERITS|PARTITION|WITH|SERVER|OPTIONS)", text):
        if match := re.match(r"INHERITS \((.*)\)$", line, re.DOTALL):
            found["inherits"] = [one.strip() for one in match[1].split(", ")]
        elif line.startswith("PARTITION BY"):
            found["partition"] = line
        elif match := re.match(r"WITH \((.*)\)$", line, re.DOTALL):
            found["with"] = match[1]
        elif line.startswith("SERVER"):
            found["server"] = line
        elif match := re.match(r"OPTIONS \((.*)\)$", line, re.DOTALL):
            found["options"] = match[1]
        elif line:
            rest.append(line)
    found["rest"] = "\n".join(rest)
    return found


def _options(text: str) -> dict[str, str]:
    return {
        name: value for name, _, value in (part.strip().partition("=") for part in text.split(", ")) if name
    }
