"""Writes docs/errors.md: every code and reason of the error catalogue, in its own words.

python build/error_pages.py           writes it
python build/error_pages.py --check   exits 1 where it is not up to date
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from backend.core.catalogue import Entry, actions, entries  # noqa: E402

PAGE = ROOT / "docs" / "errors.md"
_GROUPS = {
    "codes": "Codes",
    "connecting": "Reasons: connecting, and files that are databases",
    "definitions": "Reasons: definitions that cannot be carried out",
    "objects": "Reasons: things that are there already, or are not",
    "plans": "Reasons: a run refused before it began",
    "rows": "Reasons: rows and values that do not fit",
    "server": "Reasons: locks, limits and the server's state",
    "texts": "Reasons: the file's text, transactions, scripts",
}
_ENGINES = {
    "postgres": "PostgreSQL",
    "mysql": "MySQL, MariaDB",
    "sqlite": "SQLite",
    "clickhouse": "ClickHouse",
    "mongodb": "MongoDB",
    "bigquery": "BigQuery",
}


def text() -> str:
    """The whole page."""
    lines = [
        "# Errors",
        "",
        "Every error has a `code`, which stays the same for ever; where more is known, `details.reason` says it finer.",
        "In the app, the panel of an error shows the buttons that mend it, and *About this error* leads here.",
        "`python main.py call error:catalogue '{}'` prints all of this as JSON.",
        "",
    ]
    for group, members in groupby(entries().values(), key=lambda one: one.group):
        lines += [f"## {_GROUPS[group]}", ""]
        for one in members:
            lines += section(one)
    return "\n".join(lines).rstrip() + "\n"


def section(one: Entry) -> list[str]:
    lines = [f'### <a id="{one.key}"></a>`{one.key}`: {one.title}', "", one.means, ""]
    lines += [f"- {cause}" for cause in one.causes]
    lines += ["", f"**What to do:** {one.advice}", ""]
    if one.data:
        lines += [f"**Your data:** {one.data}", ""]
    lines += [f"- {_ENGINES[name]}: {said}" for name, said in one.engines.items()]
    lines += [""] if one.engines else []
    labels = [actions()[code].label for code in one.fixes]
    return [*lines, f"Buttons: {', '.join(labels)}.", ""] if labels else lines


def main(check: bool) -> int:
    wanted = text()
    there = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if check:
        if wanted != there:
            print("docs/errors.md is not up to date: run python build/error_pages.py")
        return int(wanted != there)
    PAGE.write_text(wanted, encoding="utf-8", newline="\n")
    print(f"{len(entries())} entries.")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
