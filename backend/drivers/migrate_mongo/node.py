"""One Node process an operation: the request on its standard input, what happens as JSON events. Secrets go in there only."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.core.errors import ToolMissing
from backend.drivers import process, tools
from backend.engine.target import CancelToken

Event = dict[str, Any]

# Types that code needs at run time (enums, parameter properties) are compiled, other types are blanked out; the second
# flag lets the runner parse ES modules without running them.
_FLAGS = (
    "--experimental-transform-types",
    "--experimental-vm-modules",
    "--disable-warning=ExperimentalWarning",
)
# Reads everything, writes nothing, starts nothing; native modules may be loaded.
_CONFINED = ("--permission", "--allow-fs-read=*", "--allow-addons", "--disable-warning=SecurityWarning")
# Evaluates what it may read and nothing else: the paths that may be read are added.
_SEALED = ("--permission", "--disable-warning=SecurityWarning")
_ALSO_PASSED_ON = ("NODE_EXTRA_CA_CERTS", "ALL_PROXY", "all_proxy")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation came to. `failure` is the runner's description of an error, `result` what the operation returns."""

    finished: process.Finished
    result: Any = None
    failure: dict[str, Any] | None = None
    has_ended: bool = False
    """The runner said its last word; without it the process was ended from outside or crashed."""
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[dict[str, Any], ...] = ()


def runner_path() -> Path:
    """The runner's script. Raises ToolMissing."""
    found = tools.base_dir() / "bin" / "runner" / "runner.mjs"
    if not found.is_file():
        raise ToolMissing(f"The runner of MongoDB migrations is not at {found}.")
    return found


def ask(
    operation: str,
    cwd: Path,
    request: Mapping[str, Any],
    *,
    env: Mapping[str, str] | None = None,
    on_event: Callable[[Event], object] | None = None,
    on_line: Callable[[process.Stream, str], object] | None = None,
    on_start: Callable[[int], object] | None = None,
    cancel: CancelToken | None = None,
    timeout_s: float | None = None,
    confined: bool = False,
    reads: Sequence[str] | None = None,
) -> Answer:
    """Run one operation in the project's folder. Raises ToolMissing where Node or migrate-mongo is missing.

    `confined`: the process may write no file and start no program or thread. `reads`: neither may it, nor load a native
    module or use the network, and it reads these paths alone (`/folder/*` is all below), besides the runner's own.
    """
    tools.npm_modules_dir()
    events: list[Event] = []

    def heard(event: Event) -> None:
        events.append(event)
        if on_event is not None:
            on_event(event)

    limits: tuple[str, ...] = _CONFINED if confined else ()
    if reads is not None:
        limits = (*_SEALED, *(f"--allow-fs-read={path}" for path in (*reads, *_of_the_runner())))
    passed_on = {name: os.environ[name] for name in _ALSO_PASSED_ON if name in os.environ}
    finished = process.run(
        process.Command(
            [tools.node_path(), *_FLAGS, *limits, runner_path()],
            env={**passed_on, **(env or {})},
            cwd=cwd,
            stdin=json.dumps({"op": operation, "cwd": str(cwd), "sealed": reads is not None, **request}),
            timeout_s=timeout_s,
            events="auto",
        ),
        on_event=heard,
        on_line=on_line,
        on_start=on_start,
        cancel=cancel,
    )
    return _answer(finished, events)


def _of_the_runner() -> list[str]:
    """The runner with the packages it lends, also where they are behind links."""
    places = {runner_path().parent, tools.npm_modules_dir()}
    places |= {place.resolve() for place in places}
    return [f"{place}/*" for place in sorted(places)]


def _answer(finished: process.Finished, events: list[Event]) -> Answer:
    found: dict[str, Any] = {"warnings": []}
    for event in events:
        match event.get("event"):
            case "result":
                found["result"] = event.get("result")
            case "failed":
                # The first failure is the cause; a later one comes of ending.
                found.setdefault("failure", event.get("error"))
            case "ready":
                found["facts"] = {name: value for name, value in event.items() if name != "event"}
            case "warning":
                found["warnings"].append(event)
            case "end":
                found["has_ended"] = True
    found["warnings"] = tuple(found["warnings"])
    return Answer(finished, **found)
