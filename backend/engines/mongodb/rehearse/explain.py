"""How the server finds what a command asked for: `explain` of its filters, on the scratch as the file left it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from backend.models.rehearsal import Evidence, QueryPlan, RehearsedStatement

if TYPE_CHECKING:
    from pymongo.database import Database

_CHEAP_DOCUMENTS = 10_000
_MOST_SCANNING = ("COLLSCAN", "IXSCAN")


def add_plan(found: Database[Any], statement: RehearsedStatement, filters: Sequence[str]) -> None:
    """The plan of the filter that looks at most; where there is none, why."""
    from bson import json_util
    from pymongo.errors import PyMongoError

    if statement.collection is None or not filters:
        return
    name = statement.collection
    try:
        if name not in found.list_collection_names(filter={"name": name}):
            statement.unknown.append(f"How {name} was searched: it is gone after the file.")
            return
        is_cheap = found[name].estimated_document_count() <= _CHEAP_DOCUMENTS
        verbosity = "executionStats" if is_cheap else "queryPlanner"
        plans = []
        for text in filters:
            options = {key: value for key, value in json_util.loads(text).items() if value is not None}
            plans.append(
                _plan(found.command({"explain": {"find": name, **options}, "verbosity": verbosity}), is_cheap)
            )
    except PyMongoError as error:
        statement.unknown.append(
            f"How {name} was searched: the server does not explain it ({str(error)[:200]})."
        )
        return
    statement.plan = next((one for stage in _MOST_SCANNING for one in plans if one.stage == stage), plans[0])
    query = f"explain of find on {name} with the same filter, verbosity {verbosity}, after the file had run"
    statement.evidence.append(Evidence(fact="plan", query=query))


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
