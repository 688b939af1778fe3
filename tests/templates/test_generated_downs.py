"""The down that is generated from a template's up, instead of the one the template holds, on its real engine.

Up, the generated down, and the schema is as it was; where a statement cannot be undone the down says so, and what
stays is of that statement alone.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from backend.engine.target import CancelToken
from backend.engine.tool import ToolRun
from backend.models.migration import Direction
from backend.services.templates.files import TemplateFile
from tests.templates.exceptions import EXCEPTIONS
from tests.templates.test_round_trip import Bench, bench, shipped, values_for  # noqa: F401
from tests.undo.bench import left_over, written_alike

ENGINES = ("sqlite", "mysql", "postgres", "clickhouse", "mongodb")
# Keys that differ afterwards, of what no statement of the engine (or of the text) undoes; the down says so.
STAYS = {
    ("postgres", "add_enum_value"): ("type ",),
    ("mongodb", "delete_documents_safely"): ("collection order_deleted",),
}
CASES = [
    pytest.param(engine, template, "nasty", id=f"{engine}-{template.id}")
    for engine in ENGINES
    for template in shipped(engine)
    if (engine, template.id) not in EXCEPTIONS
]


@pytest.mark.parametrize(("engine", "template", "kind"), CASES)
def test_the_generated_down_brings_the_schema_back(
    bench: Bench,  # noqa: F811
    engine: str,
    template: TemplateFile,
    kind: str,
) -> None:
    values = values_for(template, bench.names, every=True)
    before = bench.schema()
    bench.shop.call("migration:new", name="case", template=template.id, values=values)
    files = sorted(bench.shop.folder.iterdir(), key=lambda path: os.fsencode(path.name))
    steps: list[dict[str, Any]] = []
    for count, file in enumerate(files, 1):
        steps += _take_generated_down(bench, file)
        _run(bench, Direction.UP, file, count)
    shown = "\n\n".join(file.read_text() for file in files)
    for count, file in reversed(list(enumerate(files))):
        _run(bench, Direction.DOWN, file, count)
    left = left_over(_alike(before), _alike(bench.schema()), STAYS.get((engine, template.id), ()))
    assert left == {}, shown
    # What is not said to stay was undone by the down's own word too.
    said_all = all(one["undone"] for one in steps)
    assert said_all or any(one["note"] and one["note"].split()[0] in shown for one in steps), shown


def _take_generated_down(bench: Bench, file: Path) -> list[dict[str, Any]]:  # noqa: F811
    """Put the generated down in the place of the template's, as the editor does; the steps it was made of."""
    shop, tool = bench.shop, bench.resolved.tool
    read = shop.call("migration:read", version=file.name)
    up = tool.parse(file, file.read_bytes()).up
    transaction = up is None or up.transaction
    made = shop.call("migration:generate-down", up=read["up"], transaction=transaction)
    assert made["used_schema"], made["schema_problem"]
    shop.call("migration:update", version=file.name, up=read["up"], down=made["down"])
    text = file.read_text()
    if file.suffix == ".sql" and not made["transaction"] and "-- migrate:down transaction:false" not in text:
        file.write_text(text.replace("-- migrate:down", "-- migrate:down transaction:false"))
    steps: list[dict[str, Any]] = made["steps"]
    return steps


def _run(bench: Bench, direction: Direction, file: Path, applied: int) -> None:  # noqa: F811
    setup = bench.resolved.engine.tool_setup(bench.target, "generated-down")
    request = ToolRun(bench.target, setup, direction, [file], bench.resolved.migrations_dirs)
    outcome = bench.resolved.tool.run(request, lambda event: None, CancelToken())
    said = f"{direction}: {outcome.error_text or outcome.output}\n{file.read_text()}"
    assert len(bench.resolved.engine.applied(bench.target)) == applied, said


def _alike(schema: dict[str, str]) -> dict[str, str]:
    """Rows are not the schema; and a validator that was taken away is an empty one to MongoDB."""
    return {
        key: written_alike(value)
        for key, value in schema.items()
        if not key.startswith("documents ") and not value.startswith('{"validator": {}')
    }
