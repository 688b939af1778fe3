"""The calls from one MongoDB schema to another. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from backend.engine.schema.model import (
    Hazard,
    HazardKind,
    Plan,
    PlanOptions,
    SchemaObject,
    Snapshot,
    Step,
)
from backend.engines.mongodb.connect import Document
from backend.engines.mongodb.undo.javascript import javascript, string

from .snapshot import call, spec_of

# What collMod changes, and what takes it back to nothing.
_MODIFIABLE: Document = {
    "validator": {},
    "validationLevel": "strict",
    "validationAction": "error",
    "changeStreamPreAndPostImages": {"enabled": False},
    "expireAfterSeconds": "off",
}
_COPY = """\
for await (const one of db.collection({old}).find()) {{
  await db.collection({new}).insertOne(one);
}}"""


def plan(old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
    """See SchemaTools.plan."""
    return _Work(old, new, options).plan()


@dataclass
class _Work:
    old: Snapshot
    new: Snapshot
    options: PlanOptions
    steps: list[Step] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.before, self.after = self.old.by_id(), self.new.by_id()
        self.renamed = {
            was: becomes
            for was, becomes in self.options.renamed(self.before, self.after).items()
            if was.startswith("collection ")
        }
        self.chosen = self._chosen()

    def _chosen(self) -> set[str]:
        ids = self.before.keys() | self.after.keys()
        differ = {one for one in ids if _text(self.before, one) != _text(self.after, one)}
        for one in sorted(differ):
            wanted = self.after.get(one)
            if wanted is not None and wanted.sql.startswith("//"):
                self.left_out.append(
                    f"{one} stays as it is: it holds {wanted.sql[3:]}, which JavaScript alone cannot write."
                )
                differ.discard(one)
        if self.options.include is None:
            return differ
        wanted_ids = {one for one in self.options.include if one in differ}
        for was, becomes in self.renamed.items():
            if {was, becomes} & wanted_ids:
                wanted_ids |= {was, becomes}
        for one in list(wanted_ids):
            for needed in self.after[one].needs if one in self.after else ():
                if needed in differ and needed not in self.before:
                    wanted_ids.add(needed)
        gone = {one for one in wanted_ids if one not in self.after}
        return wanted_ids | {one for one in differ if one in self.before and self.before[one].parent in gone}

    def plan(self) -> Plan:
        rebuilt = {one.id for one in self.new.objects if self._is_rebuilt(one)}
        sources = {becomes: was for was, becomes in self.renamed.items() if becomes in self.chosen}
        gone = {
            one.id
            for one in self.old.objects
            if one.kind != "index"
            and one.id in self.chosen
            and one.id not in self.after
            and one.id not in sources.values()
        }
        for one in reversed(self.old.objects):
            if one.id in gone or (one.id in rebuilt and one.kind == "view"):
                self.steps.append(_drop(one))
        for becomes, was in sources.items():
            rename = f"await db.collection({string(self.before[was].name)}).rename({string(self.after[becomes].name)})"
            self.steps.append(Step(rename, (was, becomes)))
        for one in self.old.objects:
            if one.kind == "index" and self._goes(one, gone | rebuilt, sources):
                self.steps.append(_drop(self._under_its_new_name(one, sources)))
        for one in self.new.objects:
            source = sources.get(one.id, one.id)
            if one.kind == "index" or one.id not in self.chosen:
                continue
            if one.id in rebuilt and one.kind == "collection":
                self.steps += self._made_anew(one)
            elif source in self.before and one.id not in rebuilt:
                self.steps += self._modified(self.before[source], one)
            else:
                self.steps.append(Step(one.sql, (one.id,)))
        for one in self.new.objects:
            if one.kind == "index":
                self.steps += self._index(one, rebuilt, sources)
        problems = (*self.new.problems, *self.left_out)
        return Plan(tuple(self.steps), frozenset(self.chosen), tuple(dict.fromkeys(problems)))

    # -- indexes -------------------------------------------------------------------------------------------------

    def _under_its_new_name(self, one: SchemaObject, sources: dict[str, str]) -> SchemaObject:
        becomes = next((new for new, was in sources.items() if was == one.parent), None)
        if becomes is None:
            return one
        spec = {**spec_of(one), "createIndex": self.after[becomes].name}
        return SchemaObject(one.id, one.kind, one.name, call(spec), facts=_facts(spec))

    def _goes(self, one: SchemaObject, with_it: set[str], sources: dict[str, str]) -> bool:
        """An index that is dropped by itself: removed, or to be built anew."""
        if one.parent in with_it:
            return False
        becomes = next((new for new, was in sources.items() if was == one.parent), None)
        wanted = self.after.get(f"index {self.after[becomes].name}.{one.name}" if becomes else one.id)
        if becomes is None and one.id not in self.chosen:
            return False
        if wanted is None:
            return True
        return _without_collection(wanted) != _without_collection(one) and self._in_place(one, wanted) is None

    def _index(self, one: SchemaObject, rebuilt: set[str], sources: dict[str, str]) -> Iterator[Step]:
        source = sources.get(one.parent or "")
        was = self.before.get(f"index {self.before[source].name}.{one.name}" if source else one.id)
        if one.parent in rebuilt:
            if was is not None or one.id in self.chosen:
                yield Step(one.sql, (one.id,), _index_hazards(one))
            return
        if one.id not in self.chosen or (
            was is not None and _without_collection(was) == _without_collection(one)
        ):
            return
        altered = self._in_place(was, one) if was is not None else None
        yield altered or Step(one.sql, (one.id,), _index_hazards(one))

    @staticmethod
    def _in_place(was: SchemaObject, wanted: SchemaObject) -> Step | None:
        """collMod can hide an index and change when documents expire."""
        old, new = _without_collection(was), _without_collection(wanted)
        changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        if not changed <= {"hidden", "expireAfterSeconds"} or (
            "expireAfterSeconds" in changed and "expireAfterSeconds" not in old
        ):
            return None
        if "expireAfterSeconds" in changed and "expireAfterSeconds" not in new:
            return None
        what: Document = {"name": wanted.name}
        if "hidden" in changed:
            what["hidden"] = bool(new.get("hidden"))
        hazards: tuple[Hazard, ...] = ()
        if "expireAfterSeconds" in changed:
            what["expireAfterSeconds"] = new["expireAfterSeconds"]
            hazards = (
                Hazard(HazardKind.DATA_LOSS, f"Documents past {new['expireAfterSeconds']} s go away."),
            )
        collection = spec_of(wanted)["createIndex"]
        return Step(
            f"await db.command({javascript({'collMod': collection, 'index': what})})", (wanted.id,), hazards
        )

    # -- collections and views -----------------------------------------------------------------------------------

    def _is_rebuilt(self, one: SchemaObject) -> bool:
        """One whose change collMod does not know."""
        if one.kind == "index" or one.id not in self.chosen or one.id not in self.before:
            return False
        changed = _differences(spec_of(self.before[one.id]), spec_of(one))
        if one.kind == "view":
            # A view holds nothing, and not every server changes one in place.
            return True
        return not changed <= _MODIFIABLE.keys()

    def _modified(self, was: SchemaObject, wanted: SchemaObject) -> Iterator[Step]:
        old, new = spec_of(was), spec_of(wanted)
        changed = _differences(old, new)
        if not changed:
            return
        command: Document = {"collMod": wanted.name}
        command |= {name: new.get(name, _MODIFIABLE[name]) for name in _MODIFIABLE if name in changed}
        hazards = []
        if "validator" in changed and "validator" in new:
            said = f"Documents of {wanted.name} that break the new rule stay, and cannot be changed until they keep it."
            hazards.append(Hazard(HazardKind.CORRECTNESS, said))
        if "expireAfterSeconds" in changed and "expireAfterSeconds" in new:
            hazards.append(
                Hazard(HazardKind.DATA_LOSS, f"Documents of {wanted.name} past their time go away.")
            )
        yield Step(f"await db.command({javascript(command)})", (wanted.id,), tuple(hazards))

    def _made_anew(self, wanted: SchemaObject) -> Iterator[Step]:
        """The old collection away, a new one, its documents, the old one gone. Its indexes come after."""
        taken = {one.name for one in (*self.old.objects, *self.new.objects)}
        beside = next(
            f"{wanted.name}__old{'_' * n}" for n in range(99) if f"{wanted.name}__old{'_' * n}" not in taken
        )
        ids = (wanted.id,)
        hazards: tuple[Hazard, ...] = (
            Hazard(HazardKind.REWRITE, f"Every document of {wanted.name} is written anew; stop what writes to it."),
            Hazard(HazardKind.CORRECTNESS, f"It fails where a document does not fit; {beside} then holds them all."),
        )  # fmt: skip
        if spec_of(wanted).get("capped"):
            hazards += (Hazard(HazardKind.DATA_LOSS, f"{wanted.name} keeps only what its size allows."),)
        yield Step(
            f"await db.collection({string(wanted.name)}).rename({string(beside)})", ids, hazards,
            note=f"{wanted.name} is made anew: its options cannot be changed in place.",
        )  # fmt: skip
        yield Step(wanted.sql, ids)
        yield Step(_COPY.format(old=string(beside), new=string(wanted.name)), ids)
        yield Step(f"await db.collection({string(beside)}).drop()", ids)


def survivors(old: Snapshot, new: Snapshot, options: PlanOptions) -> dict[tuple[str, str], tuple[str, str]]:
    """See SchemaTools.survivors: every document of a collection on both sides stays as it is."""
    work = _Work(old, new, options)
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for one in old.objects:
        wanted = work.renamed.get(one.id, one.id)
        if one.kind == "collection" and wanted in work.after:
            found |= {(one.id, what): (wanted, what) for what in ("*", "documents")}
    return found


def _differences(old: Document, new: Document) -> set[str]:
    return {name for name in old.keys() | new.keys() if name != "create" and old.get(name) != new.get(name)}


def _without_collection(one: SchemaObject) -> dict[str, Any]:
    spec = spec_of(one)
    # The order of a key's fields counts.
    return {
        name: [*value.items()] if name == "key" else value
        for name, value in spec.items()
        if name != "createIndex"
    }


def _facts(spec: Document) -> dict[str, str]:
    from bson import json_util

    return {"spec": json_util.dumps(spec, json_options=json_util.CANONICAL_JSON_OPTIONS)}


def _text(side: dict[str, SchemaObject], one: str) -> str | None:
    return side[one].text if one in side else None


def _drop(one: SchemaObject) -> Step:
    if one.kind == "index":
        collection = spec_of(one)["createIndex"]
        lost = Hazard(
            HazardKind.INDEX_DROPPED, f"Queries that used {one.name} read the whole of {collection}."
        )
        return Step(
            f"await db.collection({string(collection)}).dropIndex({string(one.name)})", (one.id,), (lost,)
        )
    hazards: tuple[Hazard, ...] = ()
    if one.kind == "collection":
        hazards = (Hazard(HazardKind.DATA_LOSS, f"The documents of {one.name} are lost."),)
    return Step(f"await db.collection({string(one.name)}).drop()", (one.id,), hazards)


def _index_hazards(one: SchemaObject) -> tuple[Hazard, ...]:
    spec = spec_of(one)
    found = [
        Hazard(HazardKind.INDEX_BUILD, f"{one.name} is built over every document of {spec['createIndex']}.")
    ]
    if spec.get("unique"):
        found.append(
            Hazard(HazardKind.CORRECTNESS, f"It fails where {spec['createIndex']} holds duplicates.")
        )
    if "expireAfterSeconds" in spec:
        found.append(Hazard(HazardKind.DATA_LOSS, f"Documents past {spec['expireAfterSeconds']} s go away."))
    return tuple(found)
