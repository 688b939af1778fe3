"""The report's formats. Every text from a file, a database or a user is escaped for the format it goes into. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from html import escape

from backend.models.analytics import Overview, Suggestion
from backend.services.history_export import csv_line

from .sections import Section, Table, figures, sections, where
from .svg import bar_chart, line_chart
from .words import plural, spell

_STYLE = """
:root { color-scheme: light; --text: #1a1b21; --dim: #555864; --line: #e4e4ea; --accent: #4f57d6; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 920px; padding: 40px 28px 64px; color: var(--text); background: #fff;
  font: 13.5px/1.5 "Inter", system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 22px; letter-spacing: -.02em; margin: 0 0 4px; }
h2 { font-size: 15px; margin: 34px 0 8px; break-after: avoid; }
h3 { font-size: 13.5px; margin: 0 0 4px; }
p { margin: 4px 0; } .dim, .note { color: var(--dim); } .note { font-size: 12.5px; max-width: 74ch; }
dl { display: grid; grid-template-columns: repeat(3, 1fr); gap: 1px; margin: 24px 0 0; background: var(--line);
  border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
dl div { background: #fff; padding: 12px 16px; } dt { color: var(--dim); font-size: 12px; }
dd { margin: 0; font-size: 20px; font-weight: 600; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
dd small { display: block; font-size: 12px; font-weight: 400; color: var(--dim); letter-spacing: 0; }
table { width: 100%; border-collapse: collapse; margin-top: 8px; font-size: 12.5px; }
th { text-align: left; font-weight: 500; color: var(--dim); } td, th { padding: 5px 10px 5px 0; vertical-align: top;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; } tr { break-inside: avoid; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { margin: 8px 0 0; padding: 10px 12px; background: #f6f6f9; border-radius: 6px; white-space: pre-wrap;
  overflow-wrap: anywhere; font: 12px/1.5 "JetBrains Mono", ui-monospace, monospace; }
article { padding: 14px 0; border-bottom: 1px solid var(--line); break-inside: avoid; }
.severity { display: inline-block; padding: 0 7px; border-radius: 4px; background: #f1f1f5; font-size: 12px; }
.severity.high, .severity.critical { background: #fdebe9; color: #b3261e; }
.severity.medium { background: #fcf1d9; color: #855600; }
svg { display: block; width: 100%; height: auto; margin-top: 10px; } svg .grid { stroke: #e9e9ef; }
svg .tick { font-size: 10.5px; fill: #555864; } polyline { fill: none; stroke-width: 1.8; }
.median { stroke: var(--accent); fill: var(--accent); } polyline.median, polyline.p95 { fill: none; }
.p95 { stroke: #a6a8b8; fill: #a6a8b8; } .applied { fill: #2a9d54; } .rolled_back { fill: #a6a8b8; } .failed { fill: #c62f26; }
.legend { font-size: 12px; color: var(--dim); }
.legend i { display: inline-block; width: 9px; height: 9px; margin: 0 5px 0 12px;
  border-radius: 2px; } .legend i:first-child { margin-left: 0; }
@media print { body { padding: 0; max-width: none; } h2 { margin-top: 22px; } }
"""


def as_html(overview: Overview, name: str, now: datetime) -> str:
    """One file that needs nothing else: styles and charts inside, no scripts, made to be printed."""
    title = f"Migrations of {name}"
    head = "".join(
        f"<div><dt>{escape(what)}</dt><dd>{escape(value)}<small>{escape(made_of) or '&nbsp;'}</small></dd></div>"
        for what, value, made_of in figures(overview)
    )
    body = "".join(_html_section(one, overview) for one in sections(overview))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        # The document loads nothing and runs nothing, whatever is written in it.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f'<h1>{escape(title)}</h1><p class="dim">{escape(_about(overview, now))}</p><dl>{head}</dl>{body}</body></html>\n'
    )


def as_markdown(overview: Overview, name: str, now: datetime) -> str:
    lines = [f"# Migrations of {_md(name)}", "", _md(_about(overview, now)), ""]
    lines += _md_table(Table(("", "", ""), figures(overview)))
    for one in sections(overview):
        lines += ["", f"## {_md(one.title)}", ""]
        for note in one.notes:
            lines += [_md(note), ""]
        if one.table is not None:
            lines += _md_table(one.table)
        for suggestion in one.suggestions:
            lines += _md_suggestion(suggestion)
    return "\n".join(lines).rstrip() + "\n"


def as_csv(overview: Overview, name: str, now: datetime) -> str:
    """One table: section, then what the section's table has, with its heads as a row of their own."""
    lines = [csv_line(["Report", f"Migrations of {name}", _about(overview, now)])]
    lines += [csv_line(["Figures", what, value, made_of]) for what, value, made_of in figures(overview)]
    for one in sections(overview):
        if one.table is not None:
            lines.append(csv_line([one.title, *one.table.head]))
            lines += [csv_line([one.title, *row]) for row in one.table.rows]
        if one.suggestions:
            lines.append(
                csv_line([one.title, "Rule", "Severity", "Finding", "Advice", "Safe form", "Migrations"])
            )
            for told in one.suggestions:
                files = "; ".join(ref.filename for ref in told.files)
                lines.append(
                    csv_line(
                        [
                            one.title,
                            told.code,
                            told.severity,
                            told.message,
                            told.advice,
                            told.safe_form or "",
                            files,
                        ]
                    )
                )
    return "".join(lines)


def _about(overview: Overview, now: datetime) -> str:
    when = f"{overview.since:%Y-%m-%d}" if overview.since else "the first run"
    until = f"{overview.until:%Y-%m-%d}" if overview.until else f"{now:%Y-%m-%d}"
    return (
        f"From {when} to {until}: {plural(overview.files, 'file')} tried. Made {now:%Y-%m-%d %H:%M} UTC with DB Toolkit,"
        " from its ledger of what ran."
    )


# -- HTML --------------------------------------------------------------------------------------------------------


def _html_section(section: Section, overview: Overview) -> str:
    parts = [f"<section><h2>{escape(section.title)}</h2>"]
    parts += [f'<p class="note">{escape(note)}</p>' for note in section.notes]
    parts.append(_chart(section.chart, overview))
    if section.table is not None:
        parts.append(_html_table(section.table))
    parts += [_html_suggestion(one) for one in section.suggestions]
    return "".join([*parts, "</section>"])


def _chart(which: str | None, overview: Overview) -> str:
    if which == "trend":
        labels = [one.start for one in overview.trend]
        series = [
            ("95th percentile", "p95", [one.p95_ms for one in overview.trend]),
            ("Median", "median", [one.median_ms for one in overview.trend]),
        ]
        legend = _legend([("#4f57d6", "Median"), ("#a6a8b8", "95th percentile")])
        return line_chart(labels, series, "Execution time of applied migrations") + legend
    if which == "frequency":
        labels = [one.start for one in overview.frequency]
        stacks = [
            [("applied", one.applied), ("rolled_back", one.rolled_back), ("failed", one.failed)]
            for one in overview.frequency
        ]
        legend = _legend([("#2a9d54", "Applied"), ("#a6a8b8", "Rolled back"), ("#c62f26", "Failed")])
        return bar_chart(labels, stacks, "Migrations by how they ended") + legend
    return ""


def _legend(entries: Sequence[tuple[str, str]]) -> str:
    return (
        '<p class="legend">'
        + "".join(f'<i style="background:{c}"></i>{escape(t)}' for c, t in entries)
        + "</p>"
    )


def _html_table(table: Table) -> str:
    def cell(tag: str, at: int, value: object) -> str:
        look = ' class="n"' if at in table.numeric else ""
        scope = ' scope="col"' if tag == "th" else ""
        return f"<{tag}{look}{scope}>{escape(str(value))}</{tag}>"

    head = "".join(cell("th", at, value) for at, value in enumerate(table.head))
    rows = "".join(
        "<tr>" + "".join(cell("td", at, value) for at, value in enumerate(row)) + "</tr>"
        for row in table.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _html_suggestion(one: Suggestion) -> str:
    safe = f"<pre>{escape(one.safe_form)}</pre>" if one.safe_form else ""
    files = ", ".join(
        f"{escape(ref.filename)} on {escape(where(ref))}, {spell(ref.duration_ms)}" for ref in one.files
    )
    return (
        f'<article id="rule-{escape(one.code)}"><h3><span class="severity {escape(one.severity)}">{escape(one.severity)}</span>'
        f" {escape(one.title)} <code>{escape(one.code)}</code></h3><p>{escape(one.message)}</p><p>{escape(one.advice)}</p>"
        f'{safe}<p class="note">{files}</p></article>'
    )


# -- Markdown ----------------------------------------------------------------------------------------------------


def _md(value: object) -> str:
    """Text that Markdown shows as it is, on one line."""
    text = " ".join(str(value).split())
    text = re.sub(r"([\\`*_\[\]#|~])", r"\\\1", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _md_table(table: Table) -> list[str]:
    marks = ["---:" if at in table.numeric else "---" for at in range(len(table.head))]
    rows = ["| " + " | ".join(_md(value) for value in row) + " |" for row in table.rows]
    return [
        "| " + " | ".join(_md(value) for value in table.head) + " |",
        "| " + " | ".join(marks) + " |",
        *rows,
    ]


def _md_suggestion(one: Suggestion) -> list[str]:
    files = ", ".join(
        f"{_md(ref.filename)} on {_md(where(ref))} ({spell(ref.duration_ms)})" for ref in one.files
    )
    lines = [
        f"### {_md(one.title)} ({one.severity}, {one.code})",
        "",
        _md(one.message),
        "",
        _md(one.advice),
        "",
    ]
    if one.safe_form:
        longest = max((len(run) for run in re.findall(r"`+", one.safe_form)), default=0)
        fence = "`" * max(3, longest + 1)
        lines += [f"{fence}sql" if one.engine != "mongodb" else f"{fence}js", one.safe_form, fence, ""]
    return [*lines, files, ""]
