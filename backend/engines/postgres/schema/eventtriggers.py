"""Event triggers that stay and would be in the way of a plan: switched off in each file they would fire in, and on again at
its end. One that only looks on is left alone: whoever reloads a cache by it wants to see migrations. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from backend.engine.schema.model import Hazard, HazardKind, SchemaObject, Step

from .casting import mentions

_REFUSES = re.compile(r"\bRAISE\s+(?!DEBUG\b|LOG\b|INFO\b|NOTICE\b|WARNING\b)", re.IGNORECASE)
_TAGS = re.compile(r"\bWHEN TAG IN \((?P<tags>.*?)\)\s+EXECUTE ", re.DOTALL)
_STATE = re.compile(
    r"^ALTER EVENT TRIGGER .+ (?P<state>DISABLE|ENABLE REPLICA|ENABLE ALWAYS);$", re.MULTILINE
)
# What stands between the words of a command tag.
_BETWEEN = re.compile(r"\b(?:OR REPLACE|UNIQUE|UNLOGGED|TEMPORARY|CONSTRAINT(?= TRIGGER)|CONCURRENTLY) ")
_ROUTINES = ("function", "procedure")


def quieted(
    steps: Sequence[Step],
    before: Mapping[str, SchemaObject],
    after: Mapping[str, SchemaObject],
    touched: Set[str],
    going: Set[str],
) -> list[Step]:
    """`touched`: ids of what the plan changes; `going`: of what it drops, also to make it anew."""
    staying = [
        one
        for one in before.values()
        if one.kind == "event trigger" and one.id not in going and _may_stop_it(one, before, after, touched)
    ]
    found: list[Step] = []
    for number in dict.fromkeys(step.file for step in steps):
        here = [step for step in steps if step.file == number]
        in_one = all(step.transaction for step in here)
        seen = [one for one in staying if in_one and any(_sees(one, step) for step in here)]
        settings = [step for step in here if step.sql.startswith("SET LOCAL ")]
        found += settings
        found += [_switched(one, "DISABLE", number) for one in seen]
        found += [step for step in here if step not in settings]
        found += [_switched(one, _state(one), number) for one in seen]
    return found


def _may_stop_it(
    one: SchemaObject,
    before: Mapping[str, SchemaObject],
    after: Mapping[str, SchemaObject],
    touched: Set[str],
) -> bool:
    if _state(one) in ("DISABLE", "ENABLE REPLICA") or " ON login" in one.sql:
        return False
    names = {
        side[other].facts.get("identity", "").partition("(")[0].rpartition(".")[2]
        for side in (before, after)
        for other in touched & side.keys()
        if side[other].parent is None and side[other].kind != "schema"
    } - {""}
    for routine in one.needs:
        if routine not in before or before[routine].kind not in _ROUTINES:
            continue
        body = before[routine].sql + (after[routine].sql if routine in touched & after.keys() else "")
        if routine in touched or _REFUSES.search(body) or any(mentions(body, name) for name in names):
            return True
    return False


def _state(one: SchemaObject) -> str:
    match = _STATE.search(one.sql)
    return match["state"] if match else "ENABLE"


def _sees(one: SchemaObject, step: Step) -> bool:
    command = _BETWEEN.sub("", step.sql).upper()
    if not re.match(r"(?:CREATE|ALTER|DROP|COMMENT|GRANT|REVOKE|REFRESH|IMPORT|REINDEX)\b", command):
        return False
    if re.match(r"(?:CREATE|ALTER|DROP|COMMENT ON) EVENT TRIGGER\b", command):
        return False
    tags = _TAGS.search(one.sql)
    return tags is None or any(command.startswith(f"{tag} ") for tag in _each(tags["tags"]))


def _each(tags: str) -> Iterator[str]:
    for tag in re.findall(r"'((?:[^']|'')+)'", tags):
        # What is created by a query has a tag of its own, and its text begins like the plain one's.
        yield tag.upper().removesuffix(" AS")


def _switched(one: SchemaObject, state: str, file: int) -> Step:
    name = one.facts["identity"]
    if state != "DISABLE":
        return Step(f"ALTER EVENT TRIGGER {name} {state}", (one.id,), file=file)
    told = Hazard(
        HazardKind.AUTHORITY,
        f"The event trigger {name} does not see what this file does; it could refuse it.",
    )
    return replace(Step(f"ALTER EVENT TRIGGER {name} DISABLE", (one.id,), (told,)), file=file)


def apart(steps: list[Step], side: Mapping[str, SchemaObject]) -> tuple[list[Step], list[Step]]:
    """(all others, those about event triggers of one side)"""
    firing = [
        step
        for step in steps
        if step.objects and step.objects[0] in side and _is_event_trigger(side[step.objects[0]], side)
    ]
    return [step for step in steps if step not in firing], firing


def _is_event_trigger(one: SchemaObject, side: Mapping[str, SchemaObject]) -> bool:
    parent = side.get(one.parent or "")
    return one.kind == "event trigger" or (parent is not None and parent.kind == "event trigger")
