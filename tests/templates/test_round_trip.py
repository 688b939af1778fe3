"""Every shipped template on its real engine: up, down, up. Down brings back the schema, up makes the same again.

Cases come from the files: a new template is tested by being there, with its own examples as values; first with what
it requires and plain names, then with everything and with names that need quoting.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.core.paths import app_root
from backend.engine.target import CancelToken
from backend.engine.tool import ToolRun
from backend.models.migration import Direction
from backend.models.template import FieldKind, TemplateField, TemplateSource
from backend.services.templates.files import TemplateFile, read
from backend.services.templates.quoting import quoting
from backend.services.toolbox import tool_named
from tests.kit import Shop, Toolkit
from tests.templates.exceptions import EXCEPTIONS
from tests.templates.seeds import Names, names_of, plant

ENGINES = ("sqlite", "mysql", "postgres", "clickhouse", "bigquery", "mongodb")


def shipped(engine: str) -> list[TemplateFile]:
    tool = tool_named("migrate-mongo" if engine == "mongodb" else "dbmate")
    folder = app_root() / "backend" / "engines" / engine / "templates"
    return [
        read(path, path.read_bytes(), TemplateSource.SHIPPED, quoting(engine), tool)
        for path in sorted(folder.iterdir())
    ]


CASES = [
    pytest.param(engine, template, kind, id=f"{engine}-{template.id}-{kind}")
    for engine in ENGINES
    for template in shipped(engine)
    for kind in ("plain", "nasty")
]


def values_for(template: TemplateFile, names: Names, *, every: bool) -> dict[str, Any]:
    """The examples of a template, in the names of the shop."""
    return {
        field.name: _named(field, field.example, names)
        for field in template.fields
        if field.example is not None and (every or field.required)
    } | {
        field.name: _of_kind(field)
        for field in template.fields
        if field.example is None and field.required
    }


def _of_kind(field: TemplateField) -> Any:
    raise AssertionError(f"the field {field.name} is required and has no example")


def _named(field: TemplateField, example: Any, names: Names) -> Any:
    match field.kind:
        case FieldKind.TABLE | FieldKind.VIEW | FieldKind.COLUMN | FieldKind.INDEX | FieldKind.ENUM:
            return names(example)
        case FieldKind.NAME:
            return names(example) if field.of or names(example) != example else names.new(example)
        case FieldKind.NEW_TABLE:
            return names.new(example)
        case FieldKind.COLUMNS:
            return [names(one) for one in example]
        case FieldKind.KEYS:
            return [names(one) if isinstance(one, str) else {**one, "name": names(one["name"])} for one in example]
        case FieldKind.ROWS:
            return [{names(key): value for key, value in row.items()} for row in example]
        case FieldKind.BOOLEAN:
            return example is True or example == "true"
    return example


class Bench:
    """A planted database with a connection to it."""

    def __init__(self, shop: Shop, names: Names) -> None:
        services = shop.toolkit.services
        self.shop = shop
        self.resolved = services.connections.resolve(shop.id)
        self.target = services.connections.target(self.resolved)
        self.names = names
        plant(self.target, names)

    def schema(self) -> dict[str, str]:
        return self.resolved.engine.fingerprint(self.target)

    def run(self, direction: Direction, files: list[Path]) -> None:
        ordered = files if direction is Direction.UP else files[::-1]
        setup = self.resolved.engine.tool_setup(self.target, "round-trip")
        request = ToolRun(self.target, setup, direction, ordered, self.resolved.migrations_dirs)
        if self.resolved.tool.language == "sql":
            # As a run does it: exactly the planned files, in a folder of their own.
            outcome = self.resolved.tool.run(request, lambda event: None, CancelToken())
        else:
            outcome = self.resolved.tool.run(request, lambda event: None, CancelToken())
        applied = len(self.resolved.engine.applied(self.target))
        wanted = len(files) if direction is Direction.UP else 0
        shown = "\n\n".join(file.read_text() for file in files)
        assert applied == wanted, f"{direction}: {outcome.error_text or outcome.output}\n{shown}"
        assert outcome.exit_code == 0, f"{direction}: {outcome.error_text}\n{shown}"


@pytest.fixture
def bench(request: pytest.FixtureRequest, toolkit: Toolkit, engine: str, kind: str) -> Iterator[Bench]:
    url = request.getfixturevalue(f"{engine}_url")
    yield Bench(toolkit.connect(url), names_of(engine, kind))


@pytest.mark.parametrize(("engine", "template", "kind"), CASES)
def test_up_down_up(bench: Bench, engine: str, template: TemplateFile, kind: str) -> None:
    values = values_for(template, bench.names, every=kind == "nasty")
    exception = EXCEPTIONS.get((engine, template.id))
    if exception is not None:
        rendered = bench.shop.call("template:render", template=template.id, values=values)
        text = "\n".join(one["content"] for one in rendered["files"])
        for piece in exception.pieces:
            assert piece in text, f"{exception.reason}\n{text}"
        return
    before = bench.schema()
    bench.shop.call("migration:new", name="case", template=template.id, values=values)
    files = sorted(bench.shop.folder.iterdir(), key=lambda path: os.fsencode(path.name))
    bench.run(Direction.UP, files)
    after = bench.schema()
    bench.run(Direction.DOWN, files)
    assert _comparable(bench.schema(), template) == _comparable(before, template), _shown(files)
    bench.run(Direction.UP, files)
    assert _comparable(bench.schema(), template) == _comparable(after, template), _shown(files)


def _comparable(schema: dict[str, str], template: TemplateFile) -> dict[str, str]:
    """What is lost for good does not count where the template says so: documents, and a value of an enum type."""
    return {
        key: value
        for key, value in schema.items()
        if not (template.destructive and key.startswith("documents "))
    }


def _shown(files: list[Path]) -> str:
    return "\n\n".join(file.read_text() for file in files)
