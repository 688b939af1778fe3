"""The commands: what each needs to be ready, then what it runs."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from . import audit as audits
from . import bundled, checks, debian, locks, node_parts, venv
from .console import SetupFailed, one_setup_at_a_time, say
from .places import BIN, IS_WINDOWS, ROOT, UI, VENV, VENV_PYTHON

# Where `make dev` serves the app, and the front end's own server finds it.
DEV_PORT = "8765"
UI_PORT = "5173"


def set_up(*, dev: bool = False, ui: bool = True) -> None:
    """Make ready what is missing: packages, Node parts, dbmate, the built front end. Silent if nothing is."""
    if _is_ready(dev, ui):
        return
    started = time.monotonic()
    with one_setup_at_a_time():
        if not venv.is_ready(dev):
            venv.make_ready(dev)
        for folder in (BIN, UI):
            if not node_parts.packages_are_ready(folder):
                node_parts.install_packages(folder)
        if not bundled.is_placed():
            bundled.place()
        if ui and not node_parts.ui_is_built():
            node_parts.build_ui()
    say(f"Ready after {time.monotonic() - started:.0f} s")


def _is_ready(dev: bool, ui: bool) -> bool:
    return (
        venv.is_ready(dev)
        and all(node_parts.packages_are_ready(folder) for folder in (BIN, UI))
        and bundled.is_placed()
        and (not ui or node_parts.ui_is_built())
    )


def _window_packages() -> None:
    """What Qt's web view needs, where there is a screen to show it on. Without, the app serves the browser."""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        debian.install(debian.WINDOW, why="what the window needs; until then DB Toolkit opens in the browser")


def setup(arguments: Sequence[str]) -> int:
    _window_packages()
    set_up(dev="--dev" in arguments)
    return 0


def run(arguments: Sequence[str]) -> int:
    _window_packages()
    set_up()
    return _become([VENV_PYTHON, ROOT / "main.py", *arguments])


def bench(arguments: Sequence[str]) -> int:
    set_up(dev=True)
    return _become([VENV_PYTHON, "-m", "tests.bench", *arguments])


def faults(arguments: Sequence[str]) -> int:
    debian.install((*debian.GIT, *debian.TESTS), why="the servers that the fault tests run against")
    set_up(dev=True)
    return _become([VENV_PYTHON, "-m", "tests.faults", *arguments])


def test(arguments: Sequence[str]) -> int:
    """All tests: the front end's own, then pytest. With arguments, only pytest with these arguments."""
    debian.install(
        (*debian.GIT, *debian.WINDOW, *debian.TESTS), why="the servers, browser and screen that tests use"
    )
    set_up(dev=True)
    front_end = 0
    if not arguments:
        say("Tests of the front end")
        front_end = subprocess.call(
            node_parts.npm_command("test"),
            cwd=UI,
            env={**os.environ, **node_parts.npm_env()},
            stdin=subprocess.DEVNULL,
        )
    say("Tests of the app")
    workers = (
        [] if any(argument.startswith(("-n", "--numprocesses")) for argument in arguments) else ["-n", "auto"]
    )
    app = subprocess.call(
        [VENV_PYTHON, "-m", "pytest", *workers, *arguments], cwd=ROOT, stdin=subprocess.DEVNULL
    )
    if front_end != 0:
        say("The front end's tests failed; their report is above pytest's.")
    return app or front_end


def check(arguments: Sequence[str]) -> int:
    set_up(dev=True, ui=False)
    return checks.run_all()


def audit(arguments: Sequence[str]) -> int:
    """Not a part of `check`: it asks the registries, and what it finds changes from day to day."""
    set_up(dev=True, ui=False)
    return audits.run_all()


def dev(arguments: Sequence[str]) -> int:
    """The app, started anew when Python files change, and the front end's own server with hot reload."""
    set_up(ui=False)
    env = {**os.environ, **node_parts.npm_env(), "DB_TOOLKIT_BACKEND": f"http://127.0.0.1:{DEV_PORT}"}
    app = f'"{VENV_PYTHON}" main.py --browser --port {DEV_PORT} --dev-port {UI_PORT}'
    # Vite itself, not `npm run dev`: npm would leave it behind when it is ended.
    vite = (node_parts.node(), "node_modules/vite/bin/vite.js")
    servers = [
        subprocess.Popen(
            [VENV_PYTHON, "-m", "watchfiles", "--filter", "python", app, "backend", "main.py"],
            cwd=ROOT,
            env=env,
        ),
        # The same host as the app's, so that the cookie of the app's link counts here too.
        subprocess.Popen(
            [*vite, f"--port={UI_PORT}", "--strictPort", "--host=127.0.0.1", *arguments], cwd=UI, env=env
        ),
    ]
    say(f"Open the app's link first, then http://127.0.0.1:{UI_PORT} for the front end with hot reload")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        while all(server.poll() is None for server in servers):
            time.sleep(0.2)
    for server in servers:
        server.terminate()
    for server in servers:
        try:
            server.wait(timeout=5)
        except subprocess.TimeoutExpired:
            server.kill()
    return 0


def lock(arguments: Sequence[str]) -> int:
    # Only uv and npm are needed, and an npm lock that does not install is what this mends.
    if not venv.is_ready(dev=True):
        venv.make_ready(dev=True)
    locks.write_all(upgrade="--upgrade" in arguments)
    return 0


def clean(arguments: Sequence[str]) -> int:
    """Remove what set-up, tests and checks made; the sources and the user's own data stay."""
    made = [
        VENV,
        BIN / "node_modules",
        UI / "node_modules",
        UI / "dist",
        ROOT / "build" / "out",
        ROOT / ".setup.lock",
    ]
    made += [
        ROOT / name
        for name in (".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis")
    ]
    made += [path for path in BIN.glob("dbmate-*") if path.is_file()]
    for top in ("backend", "tests", "build"):
        made += list((ROOT / top).rglob("__pycache__"))
    for path in made:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return 0


def _become(command: Sequence[object]) -> int:
    """Go on as this command. Where the system can, it takes the place of this process, signals and all."""
    parts = [str(part) for part in command]
    os.chdir(ROOT)
    if IS_WINDOWS:
        return subprocess.call(parts)
    sys.stdout.flush()
    os.execv(parts[0], parts)


COMMANDS: dict[str, tuple[Callable[[Sequence[str]], int], str]] = {
    "setup": (setup, "make everything ready that `run` needs (--dev: that tests and checks need too)"),
    "run": (run, "set up what is missing and open DB Toolkit; more arguments go to main.py"),
    "dev": (dev, "the app and the front end with reload on change"),
    "test": (test, "set up what is missing and run every test; more arguments go to pytest"),
    "check": (check, "format, lint, types, import rules, generated types"),
    "audit": (audit, "known vulnerabilities of the locked packages (needs the network)"),
    "bench": (bench, "measure speed and memory"),
    "faults": (faults, "kill, fill and break things while migrations run"),
    "lock": (lock, "write the lock files anew (--upgrade: with newer versions)"),
    "clean": (clean, "remove what set-up, tests and checks made"),
}


def main(arguments: Sequence[str]) -> int:
    """Run one command. 0 where it succeeded."""
    parser = argparse.ArgumentParser(
        prog="build/bootstrap.py",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Set up and run DB Toolkit.\n\n"
        + "\n".join(f"  {name:<8} {about}" for name, (_, about) in COMMANDS.items()),
    )
    parser.add_argument("command", choices=COMMANDS, metavar="command")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...")
    given = parser.parse_args(arguments)
    try:
        return COMMANDS[given.command][0](given.rest)
    except SetupFailed as problem:
        say(f"STOPPED: {problem}")
        if problem.hint:
            say(problem.hint)
        return 1
    except KeyboardInterrupt:
        return 130
