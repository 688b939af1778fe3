"""Writes docs/rules/: a page for each risk rule and the list of them, from the rules' own words and examples.

python build/rule_pages.py           writes them
python build/rule_pages.py --check   exits 1 and names the pages that are not up to date
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from backend.drivers.dbmate.files import parse as parse_sql  # noqa: E402
from backend.drivers.migrate_mongo.parse import parse_file as parse_js  # noqa: E402
from backend.engine.lint.linter import Options, lint_file  # noqa: E402
from backend.engine.lint.registry import all_rules, lint_of  # noqa: E402
from backend.engine.lint.rule import Example, Rule  # noqa: E402
from backend.engine.lint.source import of_parsed  # noqa: E402
from backend.models.connection import EngineName  # noqa: E402
from backend.models.finding import Finding  # noqa: E402
from backend.models.migration import MigrationFlag  # noqa: E402

FOLDER = ROOT / "docs" / "rules"
_LONGEST = 1500
_NAMES = {
    EngineName.POSTGRES: "PostgreSQL", EngineName.MYSQL: "MySQL, MariaDB", EngineName.SQLITE: "SQLite",
    EngineName.CLICKHOUSE: "ClickHouse", EngineName.BIGQUERY: "BigQuery", EngineName.SPANNER: "Spanner",
    EngineName.MONGODB: "MongoDB",
}  # fmt: skip


def pages() -> dict[str, str]:
    """Every page by file name."""
    rules = all_rules()
    found = {f"{rule.code}.md": page(rule) for rule in rules}
    found["README.md"] = overview(rules)
    return found


def overview(rules: tuple[Rule, ...]) -> str:
    lines = [
        "# Risk rules",
        "",
        "What DB Toolkit says about a migration before it runs. A rule is switched off by the settings, for a connection,",
        "or in the file, with a reason:",
        "",
        "```sql",
        "-- dbtoolkit:ignore drop-table: emptied in March, agreed with the team",
        "DROP TABLE old_orders;",
        "```",
        "",
        "Before a statement it is for that statement, at the file's head for the whole file. One that switches nothing",
        "off is itself reported. Where a statement or a table's size is not known, a finding says so: *unknown* is not *safe*.",
        "",
        "★ wants a typed confirmation before it runs.",
        "",
        "| rule | severity | engines | what goes wrong |",
        "|---|---|---|---|",
    ]
    for rule in rules:
        star = " ★" if rule.confirm else ""
        lines.append(
            f"| [{rule.code}]({rule.code}.md){star} | {rule.severity} | {engines(rule)} | {rule.harm} |"
        )
    return "\n".join(lines) + "\n"


def engines(rule: Rule) -> str:
    if len(rule.engines) == len(EngineName):
        return "all"
    if len(rule.engines) == len(EngineName) - 1 and EngineName.MONGODB not in rule.engines:
        return "all SQL"
    return ", ".join(_NAMES[one] for one in rule.engines)


def page(rule: Rule) -> str:
    star = " ★" if rule.confirm else ""
    lines = [
        f"# {rule.title}",
        "",
        f"`{rule.code}` · {rule.severity}{star} · {engines(rule)}",
        "",
        rule.harm,
        "",
    ]
    lines += ["## Instead", "", rule.advice, ""]
    bad = next((one for one in rule.bad if len(one.up) + len(one.content or "") < _LONGEST), None)
    if bad is not None:
        engine = engine_of(rule, bad)
        lines += ["## It speaks here", "", *block(bad, engine), ""]
        finding = judged(rule, bad, engine)
        if finding is not None:
            lines += [f"> {finding.message}", ""]
            if finding.safe_form:
                lines += [
                    "## The safe form it writes for that",
                    "",
                    f"```{language(engine)}",
                    finding.safe_form,
                    "```",
                    "",
                ]
    if rule.good:
        lines += ["## It is silent here", "", *block(rule.good[0], engine_of(rule, rule.good[0])), ""]
    if rule.origin:
        lines += ["## Known elsewhere as", "", *(f"- {one}" for one in rule.origin), ""]
    return "\n".join(lines)


def engine_of(rule: Rule, example: Example) -> EngineName:
    if example.engine is not None:
        return example.engine
    return next((one for one in rule.engines if lint_of(one) is not None), rule.engines[0])


def language(engine: EngineName) -> str:
    return "js" if engine is EngineName.MONGODB else "sql"


def block(example: Example, engine: EngineName) -> list[str]:
    if example.content is not None:
        text = example.content.strip("\n") or "-- (no file)"
    else:
        text = example.up
        option = "" if example.transaction else " transaction:false"
        if engine is not EngineName.MONGODB and (example.down is not None or option):
            text = (
                f"-- migrate:up{option}\n{example.up}\n-- migrate:down{option}\n{example.down or ''}".rstrip()
            )
    notes = [f"With {flag.replace('_', ' ')}." for flag in example.flags]
    return [*notes, f"```{language(engine)}", text, "```"]


def judged(rule: Rule, example: Example, engine: EngineName) -> Finding | None:
    """What the rule says of its own example."""
    content = example.content
    if content is None:
        option = "" if example.transaction else " transaction:false"
        content = f"-- migrate:up{option}\n{example.up}\n-- migrate:down{option}\n{example.down or ''}"
    flags = frozenset(MigrationFlag(one) for one in example.flags)
    if engine is EngineName.MONGODB:
        parsed = parse_js(Path("20260117120000-example.js"), content.encode())
    else:
        parsed = parse_sql(Path("20260117120000_example.sql"), content.encode())
    options = Options(
        facts=example.facts, server_version=example.version, absent_modules=example.absent_modules
    )
    report = lint_file(of_parsed(parsed, flags), engine, options)
    return next((one for one in report.findings if one.code == rule.code), None)


def main(check: bool) -> int:
    wanted = pages()
    FOLDER.mkdir(parents=True, exist_ok=True)
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    stale = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
    if check:
        for name in stale:
            print(f"docs/rules/{name} is not up to date: run python build/rule_pages.py")
        return 1 if stale else 0
    for name in stale:
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            (FOLDER / name).unlink()
    print(f"{len(wanted)} pages, {len(stale)} written.")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
