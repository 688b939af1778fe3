"""How the server finds what a command asked for: `explain` of its filters, on the scratch as the file left it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from backend.models.rehearsal import Evidence, QueryPlan, RehearsedStatement

if TYPE_CHECKING:
    from pymongo.database import Database

_CHEAP_DOCUMENTS = 10_000
_MOST_SCANNING = ("COLLSCAN", "IXSCAN")


class Explainer:
    """Asks once for filters of one shape (`{_id: 1}`, `{_id: 2}`): a file may send thousands."""

    def __init__(self, found: Database[Any]) -> None:
        self._found = found
        self._sizes = dict.fromkeys(found.list_collection_names(), -1)
        self._plans: dict[str, QueryPlan] = {}

    def add_plan(self, statement: RehearsedStatement, filters: Sequence[str]) -> None:
        """The plan of the filter that looks at most; where there is none, why."""
        from pymongo.errors import PyMongoError

        name = statement.collection
        if name is None or not filters:
            return
        if name not in self._sizes:
            statement.unknown.append(f"How {name} was searched: it is gone after the file.")
            return
        try:
            if self._sizes[name] < 0:
                self._sizes[name] = self._found[name].estimated_document_count()
            verbosity = "executionStats" if self._sizes[name] <= _CHEAP_DOCUMENTS else "queryPlanner"
            plans = [self._asked(name, text, verbosity) for text in filters]
        except PyMongoError as error:
            said = str(error)[:200]
            statement.unknown.append(f"How {name} was searched: the server does not explain it ({said}).")
            return
        plan, is_own = next(
            (one for stage in _MOST_SCANNING for one in plans if one[0].stage == stage), plans[0]
        )
        statement.plan = plan if is_own else plan.model_copy(update={"examined": None, "returned": None})
        which = "the same filter" if is_own else "a filter of the same shape"
        query = f"explain of find on {name} with {which}, verbosity {verbosity}, after the file had run"
        statement.evidence.append(Evidence(fact="plan", query=query))

    def _asked(self, name: str, text: str, verbosity: str) -> tuple[QueryPlan, bool]:
        """The plan, and whether it was asked for this very filter."""
        from bson import json_util

        options = {key: value for key, value in json_util.loads(text).items() if value is not None}
        key = f"{name} {_shape(options)}"
        if key in self._plans:
            return self._plans[key], False
        answer = self._found.command({"explain": {"find": name, **options}, "verbosity": verbosity})
        self._plans[key] = _plan(answer, verbosity == "executionStats")
        return self._plans[key], True


def _shape(value: Any) -> str:
    """Names and operators without values; the kind of a value counts."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_shape(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(sorted({_shape(one) for one in value})) + "]"
    return type(value).__name__


def _plan(answer: dict[str, Any], has_counts: bool) -> QueryPlan:
    planner = answer.get("queryPlanner") or {}
    winning = planner.get("winningPlan") or {}
    stages = list(_stages(winning.get("queryPlan") or winning))
    scan = next((one for one in stages if one.get("stage") in _MOST_SCANNING), stages[-1] if stages else {})
    stats = (answer.get("executionStats") or {}) if has_counts else {}
    return QueryPlan(
        stage=str(scan.get("stage", "unknown")),
        index=scan.get("indexName"),
        examined=stats.get("totalDocsExamined"),
        returned=stats.get("nReturned"),
    )


def _stages(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """From the outermost in; of a sharded collection the first shard's."""
    yield plan
    inner = [plan.get("inputStage"), *(plan.get("inputStages") or [])]
    inner += [shard.get("winningPlan") for shard in (plan.get("shards") or [])[:1]]
    for one in inner:
        if isinstance(one, dict):
            yield from _stages(one)
