"""Every shipped template on its real engine: up, down, up. Down brings back the schema, up makes the same again.

Cases come from the files: a new template is tested by being there, with its own examples as values: every field and
names that need quoting and, where fields may be left out, only what it requires and plain names.
"""

from __future__ import annotations

import os
import re
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
from tests.servers import Server
from tests.templates.exceptions import EXCEPTIONS
from tests.templates.seeds import Names, names_of, plant, send

_BARE = re.compile(r'"([A-Za-z_]\w*)"')
ENGINES = ("sqlite", "mysql", "postgres", "clickhouse", "bigquery", "spanner", "mongodb")


def shipped(engine: str) -> list[TemplateFile]:
    tool = tool_named("migrate-mongo" if engine == "mongodb" else "dbmate")
    folder = app_root() / "backend" / "engines" / engine / "templates"
    return [
        read(path, path.read_bytes(), TemplateSource.SHIPPED, quoting(engine), tool)
        for path in sorted(folder.iterdir())
    ]


def _kinds(template: TemplateFile) -> tuple[str, ...]:
    """With nasty names and every field always; also bare, where some field may be left out."""
    can_be_shorter = any(one.example is not None and not one.required for one in template.fields)
    return ("plain", "nasty") if can_be_shorter else ("nasty",)


CASES = [
    pytest.param(engine, template, kind, id=f"{engine}-{template.id}-{kind}")
    for engine in ENGINES
    for template in shipped(engine)
    for kind in _kinds(template)
]
# BigQuery's emulator gets slower with every dataset it has had: a planted one is used again while down restores it.
_kept: dict[tuple[str, str], str] = {}


def values_for(template: TemplateFile, names: Names, *, every: bool) -> dict[str, Any]:
    """The examples of a template, in the names of the shop."""
    return {
        field.name: _named(field, field.example, names)
        for field in template.fields
        if field.example is not None and (every or field.required)
    } | {field.name: _of_kind(field) for field in template.fields if field.example is None and field.required}


def _of_kind(field: TemplateField) -> Any:
    raise AssertionError(f"the field {field.name} is required and has no example")


def _named(field: TemplateField, example: Any, names: Names) -> Any:
    match field.kind:
        case FieldKind.TABLE | FieldKind.VIEW | FieldKind.ENUM:
            return names.table(names(example))
        case FieldKind.COLUMN | FieldKind.INDEX:
            return names(example)
        case FieldKind.NAME:
            return names(example) if example in names.mapping else names.new(example)
        case FieldKind.NEW_TABLE:
            return names.table(names.new(example))
        case FieldKind.COLUMNS:
            return [names(one) for one in example]
        case FieldKind.KEYS:
            return [
                names(one) if isinstance(one, str) else {**one, "name": names(one["name"])} for one in example
            ]
        case FieldKind.ROWS:
            return [{names(key): value for key, value in row.items()} for row in example]
        case FieldKind.BOOLEAN:
            return example is True or example == "true"
    return example


class Bench:
    """A planted database with a connection to it."""

    def __init__(self, shop: Shop, kind: str, *, is_planted: bool = False) -> None:
        services = shop.toolkit.services
        self.shop = shop
        self.resolved = services.connections.resolve(shop.id)
        self.target = services.connections.target(self.resolved)
        self.names = names_of(self.target, kind)
        self.files: list[Path] = []
        """What is applied when the test ends."""
        if not is_planted:
            plant(self.target, self.names)

    def schema(self) -> dict[str, str]:
        return self.resolved.engine.fingerprint(self.target)

    def run(self, direction: Direction, files: list[Path], *, directly: bool = False) -> None:
        ordered = files if direction is Direction.UP else files[::-1]
        shown = _shown(files)
        if directly:
            self._send(direction, ordered)
            return
        setup = self.resolved.engine.tool_setup(self.target, "round-trip")
        request = ToolRun(self.target, setup, direction, ordered, self.resolved.migrations_dirs)
        outcome = self.resolved.tool.run(request, lambda event: None, CancelToken())
        applied = len(self.resolved.engine.applied(self.target))
        wanted = len(files) if direction is Direction.UP else 0
        assert applied == wanted, f"{direction}: {outcome.error_text or outcome.output}\n{shown}"
        assert outcome.exit_code == 0, f"{direction}: {outcome.error_text}\n{shown}"

    def _send(self, direction: Direction, files: list[Path]) -> None:
        """The blocks as they stand, without dbmate, which takes seconds over BigQuery's emulator."""
        for file in files:
            parsed = self.resolved.tool.parse(file, file.read_bytes())
            block = parsed.up if direction is Direction.UP else parsed.down
            assert block is not None
            (statement,) = self.resolved.engine.split_statements(block.body)
            send(self.target, [statement.text])


@pytest.fixture
def bench(
    request: pytest.FixtureRequest, toolkit: Toolkit, engine: str, template: TemplateFile, kind: str
) -> Iterator[Bench]:
    if engine == "spanner":
        # There is no Spanner to be had. dbmate speaks to it as to PostgreSQL, which stands in for it here.
        url = request.getfixturevalue("postgres_url")
        yield Bench(toolkit.connect("spanner-" + url), kind)
        return
    if engine != "bigquery":
        yield Bench(toolkit.connect(request.getfixturevalue(f"{engine}_url")), kind)
        return
    server: Server = request.getfixturevalue("bigquery_server")
    known = _kept.pop((engine, kind), None)
    url = known or server.new_database().url
    bench = Bench(toolkit.connect(url), kind, is_planted=known is not None)
    before = bench.schema()
    yield bench
    if bench.files and template.group != "Data" and not template.destructive:
        bench.run(Direction.DOWN, bench.files, directly=True)
        if bench.schema() == before:
            _kept[engine, kind] = url


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
    directly = engine == "bigquery"
    before = bench.schema()
    bench.shop.call("migration:new", name="case", template=template.id, values=values)
    files = sorted(bench.shop.folder.iterdir(), key=lambda path: os.fsencode(path.name))
    bench.run(Direction.UP, files, directly=directly)
    after = bench.schema()
    bench.run(Direction.DOWN, files, directly=directly)
    assert _comparable(bench.schema(), template) == _comparable(before, template), _shown(files)
    bench.run(Direction.UP, files, directly=directly)
    assert _comparable(bench.schema(), template) == _comparable(after, template), _shown(files)
    bench.files = files


def _comparable(schema: dict[str, str], template: TemplateFile) -> dict[str, str]:
    """Documents that are lost for good do not count where the template says so; nor does how an object is written:
    SQLite quotes a name it renames, and an empty validator is none."""
    return {
        key: _BARE.sub(r"\1", value) if value.startswith(("CREATE TABLE", "on ")) else value
        for key, value in schema.items()
        if not (template.destructive and key.startswith("documents ")) and '"validator": {}' not in value
    }


def _shown(files: list[Path]) -> str:
    return "\n\n".join(file.read_text() for file in files)
