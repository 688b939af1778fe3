"""The document as Markdown with a Mermaid diagram, as GitHub and GitLab show it. Text is escaped: none of it is markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backend.models.schema_detail import DetailTable, Diagram

from .document import (
    Document,
    actions,
    default_of,
    facts,
    index_facts,
    notes_of,
    nouns,
    plural,
)

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+!|~$&-])")
_ANCHOR = re.compile(r"[^\w-]+")
_MERMAID_WORD = re.compile(r"[^A-Za-z0-9_]+")


def render(document: Document) -> str:
    return "\n".join(_lines(document)).rstrip() + "\n"


def _lines(document: Document) -> Iterator[str]:
    yield f"# {escaped(document.title)}"
    yield ""
    yield (
        f"{escaped(document.engine_label)}, {escaped(document.environment)}. "
        f"{plural(len(document.tables), 'collection' if document.detail.engine == 'mongodb' else 'table')}. "
        f"Read on {document.made}."
    )
    yield ""
    for problem in document.detail.problems:
        yield f"> {escaped(problem)}"
        yield ""
    if document.diagram is not None and document.diagram.nodes:
        yield "## Diagram"
        yield ""
        yield from mermaid(document.diagram, document.names)
        yield ""
    if document.tables:
        yield "## Contents"
        yield ""
        for table in document.tables:
            yield f"- [{escaped(document.names[table.id])}](#{anchor(table.id)})" + _said(table.comment)
        yield ""
    for table in document.tables:
        yield from _table(document, table)
    for kind, objects in document.objects():
        yield f"## {nouns(kind).capitalize()}"
        yield ""
        yield from _grid(
            ("Name", "", "Comment"),
            [
                (code(document.name(one)), code(one.detail or ""), escaped(one.comment or ""))
                for one in objects
            ],
        )
        for one in objects:
            if one.definition:
                yield f"{code(document.name(one))}:"
                yield ""
                yield from _fenced(one.definition, "sql")


def _table(document: Document, table: DetailTable) -> Iterator[str]:
    yield f'<a id="{anchor(table.id)}"></a>'
    yield ""
    yield f"## {escaped(document.names[table.id])}"
    yield ""
    yield escaped(", ".join(facts(table)).capitalize() + ".")
    yield ""
    if table.comment:
        yield escaped(table.comment)
        yield ""
    if table.problem:
        yield f"> {escaped(table.problem)}"
        yield ""
    if table.columns:
        yield from _grid(
            ("Column", "Type", "Null", "Default", "Notes", "Comment"),
            [
                (
                    code(one.name) + (" 🔑" if one.primary_key else ""),
                    code(one.type),
                    "yes" if one.nullable else "no",
                    code(default_of(one)),
                    escaped(", ".join(notes_of(one))),
                    escaped(one.comment or ""),
                )
                for one in table.columns
            ],
        )
    yield from _relations(document, table)
    if table.indexes:
        yield "**Indexes**"
        yield ""
        for index in table.indexes:
            more = ", ".join(index_facts(index))
            yield (
                f"- {code(index.name)} {code('(' + ', '.join(index.columns) + ')')}"
                + (f" {escaped(more)}" if more else "")
                + _said(index.comment)
            )
        yield ""
    if table.checks or table.uniques:
        yield "**Constraints**"
        yield ""
        for key in table.uniques:
            yield f"- {code(key.name or 'unique')} unique {code('(' + ', '.join(key.columns) + ')')}"
        for check in table.checks:
            yield f"- {(code(check.name) + ' ') if check.name else ''}{code(check.definition)}"
        yield ""
    if table.triggers:
        yield "**Triggers**"
        yield ""
        for trigger in table.triggers:
            off = "" if trigger.enabled else ", switched off"
            yield f"- {code(trigger.name)} {escaped((trigger.when or '').lower())}{off}" + _said(
                trigger.comment
            )
        yield ""
    yield from _options(table)
    if table.definition:
        yield from _fenced(table.definition, "sql")
    if table.validator:
        yield "**Validator**"
        yield ""
        yield from _fenced(table.validator, "json")


def _relations(document: Document, table: DetailTable) -> Iterator[str]:
    if table.foreign_keys:
        yield "**References**"
        yield ""
        for key in table.foreign_keys:
            to = document.names.get(key.table)
            shown = f"[{escaped(to)}](#{anchor(key.table)})" if to else escaped(key.table)
            then = actions(key)
            columns = code(f"({', '.join(key.columns)})")
            there = f" {code('(' + ', '.join(key.to_columns) + ')')}" if key.to_columns else ""
            yield f"- {columns} → {shown}{there}" + (f", {escaped(then)}" if then else "")
        yield ""
    if document.incoming[table.id]:
        yield "**Referenced by**"
        yield ""
        for other, key in document.incoming[table.id]:
            yield f"- [{escaped(document.names[other.id])}](#{anchor(other.id)}) {code('(' + ', '.join(key.columns) + ')')}"
        yield ""


def _options(table: DetailTable) -> Iterator[str]:
    listed = [(one.name, one.value) for one in table.properties]
    listed += [("partition by", table.partition_by)] if table.partition_by else []
    listed += [("part of", table.parent)] if table.parent else []
    if listed:
        yield "**Options**"
        yield ""
        for name, value in listed:
            yield f"- {escaped(name)}: {code(value)}"
        yield ""


def mermaid(diagram: Diagram, names: dict[str, str]) -> Iterator[str]:
    """An erDiagram. Mermaid's names are plain words, so boxes get a number and carry the real name as their label."""
    numbers = {node.id: f"t{index}" for index, node in enumerate(diagram.nodes)}
    yield "```mermaid"
    yield "erDiagram"
    for node in diagram.nodes:
        yield f'  {numbers[node.id]}["{_label(names.get(node.id, node.name))}"] {{'
        for column in node.columns:
            keys = ", ".join(
                word for word, on in (("PK", column.primary_key), ("FK", column.foreign_key)) if on
            )
            yield f"    {_word(column.type)} {_word(column.name)}" + (f" {keys}" if keys else "")
        yield "  }"
    for edge in diagram.edges:
        many = "|o" if edge.one_to_one else "}o"
        one = "o|" if edge.optional else "||"
        label = _label(", ".join(edge.columns))
        yield f'  {numbers[edge.table]} {many}--{one} {numbers[edge.to_table]} : "{label}"'
    yield "```"


def anchor(table_id: str) -> str:
    """A fragment that is the same for the same table."""
    plain = _ANCHOR.sub("-", table_id).strip("-")
    return f"table-{plain}" if plain == table_id else f"table-{plain}-{table_id.encode().hex()}"


def escaped(text: str) -> str:
    """Plain text: nothing of it is markup, and it stays in one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """Text between more backticks than it holds; nothing for nothing. A `|` would end a table's cell."""
    if not text:
        return ""
    line = " ".join(text.split()).replace("|", "\\|")
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def _said(comment: str | None) -> str:
    return f" – {escaped(comment)}" if comment else ""


def _fenced(text: str, language: str) -> Iterator[str]:
    fence = "`" * max(3, max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    yield f"{fence}{language}"
    yield text.strip()
    yield fence
    yield ""


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table without the columns that are empty in every row."""
    kept = [index for index in range(len(head)) if index == 0 or any(row[index] for row in rows)]
    yield "| " + " | ".join(head[index] for index in kept) + " |"
    yield "|" + " --- |" * len(kept)
    for row in rows:
        yield "| " + " | ".join(row[index] for index in kept) + " |"
    yield ""


def _label(text: str) -> str:
    return " ".join(text.split()).replace('"', "#quot;")


def _word(text: str) -> str:
    """Mermaid's types and names begin with a letter and are one word."""
    found = _MERMAID_WORD.sub("_", text).strip("_")
    return found if found[:1].isalpha() else f"_{found}" if found else "unnamed"
