"""A comparison as a document: HTML that stands alone, Markdown, JSON. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from html import escape

from backend.models.schema_diff import Comparison, SchemaChange

_MARKS = {"added": "+", "removed": "−", "changed": "~", "renamed": "→"}
# What is in a schema is shown as text; should something slip through, nothing of it runs or is fetched.
_POLICY = (
    """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""
)
_STYLE = """
:root { color-scheme: light dark; }
body { font: 14px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; } th, td { padding: 4px 12px; text-align: left; border-bottom: 1px solid #8884; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
section { margin: 1.5rem 0; border: 1px solid #8884; border-radius: 6px; overflow: hidden; }
section h3 { margin: 0; padding: 8px 12px; font-size: 14px; background: #8881; }
pre { margin: 0; padding: 8px 0; overflow: auto; font: 12px/1.5 ui-monospace, monospace; tab-size: 4; }
pre span { display: block; padding: 0 12px; white-space: pre; }
.add { background: #2a9d5426; } .del { background: #d6453c26; } .at { color: #888; }
.note { color: #888; }
"""


def as_text(comparison: Comparison, form: str) -> str:
    """`html`, `markdown` or `json`."""
    if form == "json":
        return comparison.model_dump_json(indent=1) + "\n"
    return _html(comparison) if form == "html" else _markdown(comparison)


def diff_lines(change: SchemaChange) -> Iterator[str]:
    """The change as lines of a unified diff, without its file heads."""
    if change.before is None or change.after is None:
        mark = "+" if change.before is None else "-"
        yield from (mark + line for line in (change.after or change.before or "").splitlines())
        return
    lines = difflib.unified_diff(change.before.splitlines(), change.after.splitlines(), lineterm="", n=3)
    yield from (line for number, line in enumerate(lines) if number >= 2)


def _title(change: SchemaChange) -> str:
    was = f" (was {change.old_id.partition(' ')[2]})" if change.old_id else ""
    return f"{change.kind} {change.id.partition(' ')[2] or change.name}{was}"


def _notes(comparison: Comparison) -> list[str]:
    return [
        f"{side.label}: {note}" for side in (comparison.source, comparison.target) for note in side.skipped
    ]


def _rows(comparison: Comparison) -> Iterator[tuple[str, int, int, int]]:
    for kind, count in sorted(comparison.counts.items()):
        changed = count.get("changed", 0) + count.get("renamed", 0)
        yield kind, count.get("added", 0), count.get("removed", 0), changed


def _markdown(comparison: Comparison) -> str:
    old, new = comparison.source, comparison.target
    lines = [
        f"# Schema: {_plain(old.label)} → {_plain(new.label)}",
        "",
        f"- From: {_plain(old.label)}, {old.objects} objects, {old.engine} {old.server_version}, sha256 `{old.sha256}`",
        f"- To: {_plain(new.label)}, {new.objects} objects, {new.engine} {new.server_version}, sha256 `{new.sha256}`",
        "",
    ]
    lines += [f"> {_plain(note)}" for note in _notes(comparison)]
    if comparison.equal:
        return "\n".join([*lines, "The two schemas are equal.", ""])
    lines += ["", "| kind | added | removed | changed |", "|---|--:|--:|--:|"]
    lines += [f"| {kind} | {a} | {r} | {c} |" for kind, a, r, c in _rows(comparison)]
    for change in comparison.changes:
        body = list(diff_lines(change))
        # A body may hold a fence of its own: ours is longer than any.
        fence = "`" * max(3, 1 + max((_longest_fence(line) for line in body), default=0))
        lines += [
            "",
            f"## {_MARKS[change.change]} {_plain(_title(change))}",
            "",
            f"{fence}diff",
            *body,
            fence,
        ]
    return "\n".join([*lines, ""])


def _plain(text: str) -> str:
    """Names as text: nothing in them is taken for Markdown."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>#|" else char for char in text).replace("\n", " ")


def _longest_fence(line: str) -> int:
    longest = run = 0
    for char in line:
        run = run + 1 if char == "`" else 0
        longest = max(longest, run)
    return longest


def _html(comparison: Comparison) -> str:
    old, new = comparison.source, comparison.target
    title = f"Schema: {old.label} → {new.label}"
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8">{_POLICY}<title>{escape(title)}</title>',
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
    ]
    for word, side in (("From", old), ("To", new)):
        parts.append(
            f"<p>{word} <b>{escape(side.label)}</b>: {side.objects} objects, {side.engine} "
            f'{escape(side.server_version)} <span class="note">sha256 {side.sha256}</span></p>'
        )
    parts += [f'<p class="note">{escape(note)}</p>' for note in _notes(comparison)]
    if comparison.equal:
        parts.append("<p>The two schemas are equal.</p>")
    else:
        parts.append("<table><tr><th>kind<th>added<th>removed<th>changed</tr>")
        parts += [
            f'<tr><td>{escape(kind)}<td class="n">{a}<td class="n">{r}<td class="n">{c}</tr>'
            for kind, a, r, c in _rows(comparison)
        ]
        parts.append("</table>")
    for change in comparison.changes:
        parts.append(f"<section><h3>{_MARKS[change.change]} {escape(_title(change))}</h3><pre>")
        parts += [f"<span{_class(line)}>{escape(line) or ' '}</span>" for line in diff_lines(change)]
        parts.append("</pre></section>")
    return "\n".join([*parts, "</body></html>", ""])


def _class(line: str) -> str:
    kind = {"+": "add", "-": "del", "@": "at"}.get(line[:1])
    return f' class="{kind}"' if kind else ""
