"""`make check`: what reads the code rather than runs it. Each check reports itself; all run, also after one fails."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from . import locks, node_parts
from .console import SetupFailed, run_quietly, say
from .places import IS_WINDOWS, ROOT, UI, VENV_BIN, VENV_PYTHON


def run_all() -> int:
    """Run every check, two at a time. Returns 0 where all pass, else 1; what a failing check said is printed."""
    started = time.monotonic()
    lanes = (_python_checks, _front_end_checks)
    with ThreadPoolExecutor(len(lanes)) as pool:
        failed = [name for names in pool.map(lambda lane: lane(), lanes) for name in names]
    if failed:
        say(f"Failed: {', '.join(failed)}")
        return 1
    say(f"All checks passed in {time.monotonic() - started:.0f} s")
    return 0


def _python_checks() -> list[str]:
    python = (VENV_PYTHON, "-m")
    failed = []
    try:
        locks.refuse_stale()
    except SetupFailed as problem:
        say(f"locks: FAILED\n{problem} Type: {problem.hint}")
        failed.append("locks")
    return failed + _run_in_turn(
        {
            "format": (*python, "ruff", "format", "--check", "."),
            "lint": (*python, "ruff", "check", "."),
            "imports": (VENV_BIN / ("lint-imports.exe" if IS_WINDOWS else "lint-imports"),),
            "types": (*python, "mypy"),
            "types of the set-up": (*python, "mypy", "build/bootstrap.py", "build/setup_steps"),
            "rule pages": (VENV_PYTHON, "build/rule_pages.py", "--check"),
            "error page": (VENV_PYTHON, "build/error_pages.py", "--check"),
        }
    )


def _front_end_checks() -> list[str]:
    failed = []
    try:
        channels = run_quietly(
            [VENV_PYTHON, ROOT / "main.py", "channels", "--json"], what="main.py channels --json"
        )
    except SetupFailed as problem:
        say(f"channels: FAILED\n{problem}")
        failed.append("channels")
    else:
        failed += _run_in_turn(
            {"generated types": node_parts.npm_command("run", "types:check")}, stdin=channels
        )
    return failed + _run_in_turn({"front end": node_parts.npm_command("run", "check")})


def _run_in_turn(commands: dict[str, tuple[object, ...] | list[str]], stdin: str | None = None) -> list[str]:
    """Run the commands and return the names of those that failed."""
    failed = []
    for name, command in commands.items():
        started = time.monotonic()
        parts = [str(part) for part in command]
        of_front_end = parts[0] == str(node_parts.node())
        env = node_parts.npm_env() if of_front_end else None
        try:
            run_quietly(parts, what=name, cwd=UI if of_front_end else ROOT, env=env, stdin=stdin)
        except SetupFailed as problem:
            say(f"{name}: FAILED\n{problem}")
            failed.append(name)
        else:
            say(f"{name}: ok ({time.monotonic() - started:.1f} s)")
    return failed
