"""Templates for a connection: which there are, their fields with the live database's choices, and what they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backend.core.errors import InvalidRequest, NotFound
from backend.core.paths import app_root
from backend.engine.tool import ParsedFile
from backend.models.template import (
    FieldChoice,
    FieldKind,
    RenderedFile,
    RenderedTemplate,
    Template,
    TemplateList,
    TemplateSource,
)
from backend.services.connections import Connections, Resolved

from .files import Part, TemplateFile
from .library import Folder, Found, Library
from .live import Live
from .quoting import Quoting, quoting
from .render import Renderer
from .values import Checker, TableName

TEAM_FOLDER = Path(".dbtoolkit") / "templates"
_LIVE = {FieldKind.TABLE, FieldKind.VIEW, FieldKind.COLUMN, FieldKind.COLUMNS, FieldKind.KEYS, FieldKind.INDEX,
         FieldKind.ENUM, FieldKind.TYPE}  # fmt: skip


class Templates:
    """`home` is the app's own folder: a user's templates are in `templates/<engine>/` there."""

    def __init__(self, connections: Connections, home: Path) -> None:
        self._connections = connections
        self._home = home
        self._library = Library()

    def list(self, connection: str) -> TemplateList:
        """Every template of the connection's engine, without asking the database."""
        resolved = self._connections.resolve(connection)
        found = self._find(resolved)
        return TemplateList(
            templates=[
                self._model(one, found, resolved) for one in sorted(found.templates.values(), key=_order)
            ],
            problems=found.problems,
            folders=[
                str(folder.path)
                for folder in reversed(self._folders(resolved))
                if folder.source != TemplateSource.SHIPPED
            ],
        )

    def get(self, connection: str, template: str, values: Mapping[str, Any] | None = None) -> Template:
        """One template with choices from the live database; `values` given so far tell whose columns to offer.

        A database that cannot be reached leaves the choices empty and `problem` says why.
        """
        resolved = self._connections.resolve(connection)
        found = self._find(resolved)
        file = _named(found, template)
        live = self._live(resolved)
        model = self._model(file, found, resolved)
        if any(one.kind in _LIVE or one.kind is FieldKind.COLUMN_LIST for one in file.fields):
            checker = Checker(file.id, quoting(resolved.stored.engine), live.names)
            owners: dict[str, TableName] = {}
            for field in model.fields:
                if field.kind in {FieldKind.TABLE, FieldKind.VIEW} and (values or {}).get(field.name):
                    owners[field.name] = checker.check(field, (values or {})[field.name])
                if field.kind in _LIVE:
                    field.choices = live.choices(field, owners.get(field.of or ""))
                elif field.kind is FieldKind.COLUMN_LIST:
                    field.choices = live.choices(field.model_copy(update={"kind": FieldKind.TYPE}), None)
        model.problem = live.problem
        return model

    def render(
        self, connection: str, template: str, values: Mapping[str, Any] | None = None
    ) -> RenderedTemplate:
        """The migrations a template makes of the values; nothing is written.

        Raises NotFound; InvalidRequest naming the field, or the file and line of a template that does not parse.
        """
        resolved = self._connections.resolve(connection)
        file = _named(self._find(resolved), template)
        live = self._live(resolved)
        renderer = Renderer(file, quoting(resolved.stored.engine), live, values or {})
        name = renderer.name()
        files = [self._rendered(resolved, file, part, renderer, name) for part in file.parts]
        first = files[0]
        return RenderedTemplate(
            template=file.id,
            **first.model_dump(exclude={"step"}),
            files=files,
            warnings=list(dict.fromkeys(renderer.warnings)),
        )

    # -- inside --------------------------------------------------------------------------------------------------

    def _rendered(
        self, resolved: Resolved, file: TemplateFile, part: Part, renderer: Renderer, name: str
    ) -> RenderedFile:
        text = renderer.text(part.nodes)
        tool = resolved.tool
        parsed = tool.parse(
            Path("20260101000000_template.sql" if tool.language == "sql" else "20260101000000-t.js"),
            text.encode(),
        )
        _refuse_broken(file, parsed)
        up, down = parsed.up.body if parsed.up else "", parsed.down.body if parsed.down else ""
        transaction = parsed.up.transaction if parsed.up else True
        transaction_down = parsed.down.transaction if parsed.down else True
        content = tool.compose(up, down, transaction_up=transaction, transaction_down=transaction_down)
        return RenderedFile(
            name=f"{name} {part.step}" if part.step else name,
            step=part.step,
            up=up,
            down=down,
            transaction=transaction,
            transaction_down=transaction_down,
            content=content if not _has_more(text, tool.language) else text.strip("\n") + "\n",
        )

    def _find(self, resolved: Resolved) -> Found:
        return self._library.find(self._folders(resolved), quoting(resolved.stored.engine), resolved.tool)

    def _folders(self, resolved: Resolved) -> Sequence[Folder]:
        """The weakest first."""
        engine = resolved.stored.engine
        team = {resolved.folder: None, **{folder.parent: None for folder in resolved.migrations_dirs}}
        return [
            Folder(app_root() / "backend" / "engines" / engine / "templates", TemplateSource.SHIPPED),
            Folder(self._home / "templates" / engine, TemplateSource.USER),
            *(Folder(folder / TEAM_FOLDER / engine, TemplateSource.TEAM) for folder in reversed(team)),
        ]

    def _live(self, resolved: Resolved) -> Live:
        return Live(resolved.engine, _quoting_of(resolved), lambda: self._connections.target(resolved))

    def _model(self, file: TemplateFile, found: Found, resolved: Resolved) -> Template:
        return Template(
            id=file.id,
            title=file.title,
            group=file.group,
            description=file.description,
            safe=file.safe,
            destructive=file.destructive,
            name=file.name,
            source=file.source,
            path=str(file.path),
            overrides=found.overrides.get(file.id),
            steps=[part.step for part in file.parts if part.step],
            fields=[
                one.model_copy(update={"choices": [FieldChoice(**c.model_dump()) for c in one.choices]})
                for one in file.fields
            ],
        )


def _quoting_of(resolved: Resolved) -> Quoting:
    return quoting(resolved.stored.engine)


def _order(file: TemplateFile) -> tuple[str, str]:
    return (file.group, file.title)


def _named(found: Found, template: str) -> TemplateFile:
    if template in found.templates:
        return found.templates[template]
    for problem in found.problems:
        if Path(problem.path).stem == template:
            where = f"{problem.path}, line {problem.line}" if problem.line else problem.path
            raise InvalidRequest(
                f"The template {template} cannot be used: {where}: {problem.message}.",
                file=problem.path,
                line=problem.line,
                template=template,
            )
    raise NotFound(
        f"There is no template {template!r}.",
        hint=f"There are: {', '.join(sorted(found.templates)) or 'none'}.",
        template=template,
    )


def _refuse_broken(file: TemplateFile, parsed: ParsedFile) -> None:
    """Values fit, and still the file would not be read: code in a field that is no code, a directive in a string."""
    for problem in parsed.problems:
        if problem.severity == "error":
            raise InvalidRequest(
                f"{file.id}: with these values the migration would not be readable: {problem.message}",
                hint="Look at the fields that hold code, and at texts with lines beginning `-- migrate:`.",
                template=file.id,
                line=problem.line,
            )


def _has_more(text: str, language: str) -> bool:
    """JavaScript beside up and down (a helper, a require), which composing anew would lose."""
    if language == "sql":
        return False
    head, _, _ = text.partition("module.exports")
    lines = [line for line in head.splitlines() if line.strip() and not line.lstrip().startswith("//")]
    return bool(lines)
