"""docs/rules/ is what the rules say of themselves."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from backend.engine.lint.registry import all_rules

ROOT = Path(__file__).resolve().parents[2]


def test_the_pages_are_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("rule_pages", ROOT / "build" / "rule_pages.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    there = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "rules").glob("*.md")}
    wanted = module.pages()
    stale = [name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name)]
    assert not stale, f"run python build/rule_pages.py: {stale}"


def test_every_rule_has_its_page_and_no_link_is_dead() -> None:
    folder = ROOT / "docs" / "rules"
    for rule in all_rules():
        assert (ROOT / rule.docs).is_file(), rule.docs
    for name in re.findall(r"\]\(([\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")):
        assert (folder / name).is_file(), name
