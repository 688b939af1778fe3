"""A database with a shop in it, an up, the down that is generated from it, and what is left of both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backend.drivers.migrate_mongo.blocks import compose
from backend.engine.target import CancelToken
from backend.engine.tool import ToolRun
from backend.models.migration import Direction
from tests.kit import Toolkit


@dataclass(frozen=True)
class Case:
    """An up over the dialect's shop. Where `says` is empty every statement is undone and the schema comes back whole;
    else the down has a comment with these words, and only keys that begin with one of `leaves` may differ."""

    name: str
    up: str
    seed: str = ""
    """More that is there before the up."""
    says: str = ""
    leaves: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    """What the down must have in it."""
    lacks: tuple[str, ...] = ()
    transaction: bool = True


def parameters(cases: list[Case]) -> list[Any]:
    return [pytest.param(case, id=case.name) for case in cases]


class Bench:
    """A connection to a seeded database; ups and downs run through the connection's own tool, as the user's do."""

    def __init__(self, toolkit: Toolkit, url: str, seed: str = "") -> None:
        self.shop = toolkit.connect(url, name="undo")
        services = toolkit.services
        self.resolved = services.connections.resolve(self.shop.id)
        self.engine = self.resolved.engine
        self.target = services.connections.target(self.resolved)
        self._files: list[Path] = []
        if seed:
            self.up(seed, "")

    def schema(self) -> dict[str, str]:
        found = self.engine.fingerprint(self.target)
        return {key: written_alike(text) for key, text in found.items() if not _is_noise(key, text)}

    def generated(self, up: str, transaction: bool = True, **more: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.shop.call(
            "migration:generate-down", up=up, transaction=transaction, **more
        )
        return found

    def up(self, up: str, down: str, *, transaction: bool = True, down_transaction: bool = True) -> None:
        name = f"{20260101000000 + len(self._files)}_case"
        if self.engine.dialect is None:
            file = self.shop.folder / f"{name}.js"
            file.write_text(compose(up, down, esm=False))
        else:
            file = self.shop.folder / f"{name}.sql"
            marks = ["" if flag else " transaction:false" for flag in (transaction, down_transaction)]
            file.write_text(f"-- migrate:up{marks[0]}\n{up}\n\n-- migrate:down{marks[1]}\n{down}\n")
        self._files.append(file)
        self._run(Direction.UP)

    def down(self) -> None:
        self._run(Direction.DOWN)

    def _run(self, direction: Direction) -> None:
        file = self._files[-1]
        before = len(self.engine.applied(self.target))
        setup = self.engine.tool_setup(self.target, "undo")
        request = ToolRun(self.target, setup, direction, [file], self.resolved.migrations_dirs)
        outcome = self.resolved.tool.run(request, lambda event: None, CancelToken())
        step = 1 if direction is Direction.UP else -1
        said = f"{direction}: {outcome.error_text or outcome.output}\n{file.read_text()}"
        assert len(self.engine.applied(self.target)) == before + step, said

    def check(self, case: Case) -> dict[str, Any]:
        """The whole story of a case; the generated down."""
        if case.seed:
            self.up(case.seed, "", transaction=case.transaction)
        before = self.schema()
        found = self.generated(case.up, case.transaction)
        assert found["used_schema"], found["schema_problem"]
        self.up(case.up, found["down"], transaction=case.transaction, down_transaction=found["transaction"])
        self.down()
        assert left_over(before, self.schema(), case.leaves) == {}, found["down"]
        assert found["complete"] is (not case.says), found["down"]
        shown = " ".join(found["down"].replace("\n-- ", " ").replace("\n// ", " ").split())
        assert case.says in shown, found["down"]
        for one in case.holds:
            assert one in shown, found["down"]
        for one in case.lacks:
            assert one not in shown, found["down"]
        return found


def left_over(
    before: dict[str, str], after: dict[str, str], leaves: tuple[str, ...] = ()
) -> dict[str, tuple[str | None, str | None]]:
    """What differs: {key: (before, after)}."""
    return {
        key: (before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key) and not key.startswith(leaves or ("\0",))
    }


def written_alike(text: str) -> str:
    """How an object is written does not count: SQLite quotes a name it renames, and keeps line breaks."""
    text = re.sub(r'"([A-Za-z_]\w*)"', r"\1", text)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r"\s*([(),])\s*", r"\1", text)


def _is_noise(key: str, text: str) -> bool:
    # After GRANT and REVOKE PostgreSQL writes down the owner's own rights, which were understood before.
    return key.startswith("grants ") and re.fullmatch(r"\{(\w+)=\w+/\1\}", text) is not None
