"""The document as one HTML file that needs nothing else: contents, search, a diagram, light and dark. All text is escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from backend.models.schema_detail import DetailTable

from .document import (
    Document,
    actions,
    default_of,
    facts,
    index_facts,
    is_collection,
    notes_of,
    noun,
    nouns,
    plural,
)
from .markdown import anchor
from .picture import svg

_HERE = Path(__file__).parent
_STYLE = (_HERE / "document.css").read_text("utf-8")
_SCRIPT = (_HERE / "document.js").read_text("utf-8")


def render(document: Document) -> str:
    """The file. Its policy lets nothing in from outside and no script run but the one that searches."""
    script = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{script}'; base-uri 'none'"
    body = "\n".join(_body(document))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(document.title)}: schema</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
        f"{body}\n<script>{_SCRIPT}</script>\n</body>\n</html>\n"
    )


def _body(document: Document) -> Iterator[str]:
    yield '<nav aria-label="Contents">'
    yield '<input type="search" id="search" placeholder="Search names" aria-label="Search names" hidden>'
    yield "<ul>"
    for table in document.tables:
        yield _entry(anchor(table.id), document.names[table.id], noun(table.kind), _words(document, table))
    for kind, objects in document.objects():
        yield _entry(
            f"kind-{escape(kind.replace(' ', '-'))}", nouns(kind).capitalize(), str(len(objects)), ""
        )
    yield '</ul><p id="none" hidden>Nothing is called so.</p></nav>'
    yield '<main tabindex="-1">'
    count = plural(len(document.tables), "collection" if document.detail.engine == "mongodb" else "table")
    yield f"<h1>{escape(document.title)}</h1>"
    yield (
        f'<p class="dim">{escape(document.engine_label)} · {escape(document.environment)} · {count} · '
        f"read on {document.made}</p>"
    )
    for problem in document.detail.problems:
        yield f'<p class="problem">{escape(problem)}</p>'
    if document.diagram is not None and document.diagram.nodes:
        links = {one.id: f"#{anchor(one.id)}" for one in document.diagram.nodes}
        yield '<section class="diagram" aria-label="Diagram" tabindex="0">'
        yield svg(document.diagram, document.names, links)
        yield "</section>"
    elif document.tables:
        yield '<p class="dim">There are too many tables for a picture; each one lists its relations.</p>'
    if not document.tables:
        yield "<p>There are no tables yet.</p>"
    for table in document.tables:
        yield from _table(document, table)
    for kind, objects in document.objects():
        yield f'<section id="kind-{escape(kind.replace(" ", "-"))}"><h2>{escape(nouns(kind).capitalize())}</h2>'
        yield _grid(
            ("Name", "", "Comment"),
            [
                (
                    _code(document.name(one)),
                    (_code(one.detail) if one.detail else "") + _statement(one.definition),
                    escape(one.comment or ""),
                )
                for one in objects
            ],
        )
        yield "</section>"
    yield "</main>"


def _statement(definition: str | None) -> str:
    if not definition:
        return ""
    return f"<details><summary>Statement</summary><pre>{escape(definition.strip())}</pre></details>"


def _entry(target: str, name: str, kind: str, words: str) -> str:
    """A line of the contents; `words` are what the search finds it by."""
    return (
        f'<li data-words="{escape(words)}"><a href="#{target}"><span>{escape(name)}</span> '
        f"<small>{escape(kind)}</small></a></li>"
    )


def _words(document: Document, table: DetailTable) -> str:
    return " ".join([document.names[table.id], *(one.name for one in table.columns)]).lower()


def _table(document: Document, table: DetailTable) -> Iterator[str]:
    yield f'<section id="{anchor(table.id)}">'
    yield f"<h2>{escape(document.names[table.id])} <small>{escape(' · '.join(facts(table)))}</small></h2>"
    if table.comment:
        yield f"<p>{escape(table.comment)}</p>"
    if table.problem:
        yield f'<p class="problem">{escape(table.problem)}</p>'
    if table.columns:
        yield _grid(
            ("Field" if is_collection(table) else "Column", "Type", "Null", "Default", "Notes", "Comment"),
            [
                (
                    _code(one.name) + ('<span class="mark">key</span>' if one.primary_key else ""),
                    _code(one.type),
                    "null" if one.nullable else "not null",
                    _code(default_of(one)),
                    escape(", ".join(notes_of(one))),
                    escape(one.comment or ""),
                )
                for one in table.columns
            ],
        )
    yield from _listed("References", _references(document, table))
    yield from _listed("Referenced by", _incoming(document, table))
    yield from _listed(
        "Indexes",
        [
            f"{_code(one.name)} {_code('(' + ', '.join(one.columns) + ')')} {_dim(', '.join(index_facts(one)))}"
            f"{_said(one.comment)}"
            for one in table.indexes
        ],
    )
    yield from _listed(
        "Constraints",
        [
            *(
                f"{_code(one.name or '')} unique {_code('(' + ', '.join(one.columns) + ')')}{_said(one.comment)}"
                for one in table.uniques
            ),
            *(f"{_code(one.name or '')} {_code(one.definition)}{_said(one.comment)}" for one in table.checks),
        ],
    )
    yield from _listed(
        "Triggers",
        [
            f"{_code(one.name)} {_dim((one.when or '').lower() + ('' if one.enabled else ', switched off'))}"
            f"{_said(one.comment)}"
            for one in table.triggers
        ],
    )
    yield from _listed("Options", _options(table))
    if table.definition:
        yield f'<h3>Definition</h3><pre tabindex="0">{escape(table.definition.strip())}</pre>'
    if table.validator:
        yield f'<h3>Validator</h3><pre tabindex="0">{escape(table.validator)}</pre>'
    yield "</section>"


def _references(document: Document, table: DetailTable) -> list[str]:
    return [
        f"{_code('(' + ', '.join(key.columns) + ')')} → {_link(document, key.table)} "
        f"{_code('(' + ', '.join(key.to_columns) + ')') if key.to_columns else ''} {_dim(actions(key))}"
        f"{_said(key.comment)}"
        for key in table.foreign_keys
    ]


def _incoming(document: Document, table: DetailTable) -> list[str]:
    return [
        f"{_link(document, other.id)} {_code('(' + ', '.join(key.columns) + ')')} {_dim(actions(key))}"
        for other, key in document.incoming[table.id]
    ]


def _options(table: DetailTable) -> list[str]:
    found = [f"{escape(one.name)}: {_code(one.value)}" for one in table.properties]
    found += [f"partition by {_code(table.partition_by)}"] if table.partition_by else []
    found += [f"part of {_code(table.parent)}"] if table.parent else []
    found += [f"parts: {', '.join(map(_code, table.children))}"] if table.children else []
    return found


def _link(document: Document, table_id: str) -> str:
    name = document.names.get(table_id)
    return f'<a href="#{anchor(table_id)}">{escape(name)}</a>' if name else _code(table_id)


def _listed(heading: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield f"<h3>{heading}</h3><ul>"
        yield from (f"<li>{item}</li>" for item in items)
        yield "</ul>"


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table without the columns that are empty in every row."""
    kept = [index for index in range(len(head)) if index == 0 or any(row[index] for row in rows)]
    parts = ['<div class="grid" tabindex="0"><table><thead><tr>']
    parts += [f'<th scope="col">{head[index] or "&nbsp;"}</th>' for index in kept]
    parts.append("</tr></thead><tbody>")
    for row in rows:
        parts.append("<tr>" + "".join(f"<td>{row[index]}</td>" for index in kept) + "</tr>")
    return "".join([*parts, "</tbody></table></div>"])


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>" if text else ""


def _dim(text: str) -> str:
    return f'<span class="dim">{escape(text)}</span>' if text else ""


def _said(comment: str | None) -> str:
    return f' <span class="dim">– {escape(comment)}</span>' if comment else ""
