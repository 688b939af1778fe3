"""The command line: `python main.py [--browser] | call | channels | self-check`."""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

import click

from backend import __version__


class _LazyGroup(click.Group):
    """Commands whose modules are imported only when they are named."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted([*super().list_commands(context), "check"])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name == "check":
            from .check import check

            return check
        return super().get_command(context, name)


@click.group(cls=_LazyGroup, invoke_without_command=True)
@click.option(
    "--browser", is_flag=True, help="Serve on 127.0.0.1 and print the link instead of opening the window."
)
@click.option("--port", type=int, default=0, help="Port to serve on; a free one by default.")
@click.option(
    "--dev-port", type=int, default=0, hidden=True, help="Port of a development server that proxies here."
)
@click.version_option(__version__, prog_name="DB Toolkit")
@click.pass_context
def main(context: click.Context, browser: bool, port: int, dev_port: int) -> None:
    """Database migrations you can see. Without a command the window opens."""
    if context.invoked_subcommand is None:
        run_app(browser=browser, port=port, dev_port=dev_port)


def run_app(*, browser: bool, port: int, dev_port: int = 0) -> None:
    """Serve the app and show it: in the window, else in a browser of the user's."""
    from backend.app import build, dist_folder
    from backend.rpc.dispatch import Dispatcher
    from backend.shell import window
    from backend.shell.guard import Guard
    from backend.shell.web import WebServer, create_app

    services = build(window=not browser)
    dispatcher = Dispatcher(services)
    guard = Guard(extra_ports=frozenset({dev_port} if dev_port else ()))
    try:
        server = WebServer(create_app(dispatcher, services.events, guard, dist_folder()), guard, port)
    except (OSError, SystemExit) as error:
        raise click.ClickException(f"Port {port} cannot be used: {error}") from None
    server.start()
    services.start()
    try:
        if not browser:
            try:
                window.check_possible()
                window.show(guard.link(seen_in="window"), dispatcher, services.settings)
            except window.NoWindow as reason:
                click.echo(f"No window: {reason}. DB Toolkit is served for a browser instead.", err=True)
                services.about.is_window = False
                browser = True
        if browser:
            _serve_browser(guard.link())
    finally:
        services.close()
        server.stop()


def _serve_browser(link: str) -> None:
    click.echo("DB Toolkit is running. Open this link (it is only for you, on this machine):\n")
    click.echo(f"    {link}\n")
    click.echo("Ctrl+C ends it.")
    sys.stdout.flush()
    stop = threading.Event()
    import signal

    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: stop.set())
    while not stop.wait(0.5):
        pass


@main.command()
@click.argument("channel")
@click.argument("payload", default="{}")
@click.option("--progress/--no-progress", default=True, help="Show a job's progress on standard error.")
def call(channel: str, payload: str, progress: bool) -> None:
    """Call CHANNEL with PAYLOAD (JSON, or - for standard input) and print the envelope."""
    from backend.app import build
    from backend.rpc.dispatch import Dispatcher

    text = sys.stdin.read() if payload == "-" else payload
    services = build(window=False)
    services.runs.tidy()
    services.backups.tidy()
    try:
        try:
            request = json.loads(text or "{}")
        except ValueError as error:
            envelope: dict[str, Any] = _not_json(error)
        else:
            with _Progress(services, enabled=progress):
                envelope = Dispatcher(services).invoke(channel, request)
        click.echo(json.dumps(envelope, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))
    finally:
        services.close()
    sys.stdout.flush()
    sys.exit(0 if envelope["ok"] else 1)


def _not_json(error: ValueError) -> dict[str, Any]:
    from backend.core.envelope import envelope_error
    from backend.core.errors import InvalidRequest

    return {"ok": False, "error": envelope_error(InvalidRequest(f"The payload is not JSON: {error}."))}


class _Progress:
    """Prints a job's events to standard error while it runs."""

    def __init__(self, services: Any, *, enabled: bool) -> None:
        self._subscription = services.events.subscribe() if enabled else None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._print, daemon=True)

    def __enter__(self) -> None:
        if self._subscription:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        if self._subscription:
            self._done.set()
            self._thread.join(timeout=2)
            self._subscription.close()

    def _print(self) -> None:
        assert self._subscription is not None
        while True:
            event = self._subscription.next(0.05)
            if event is None:
                if self._done.is_set():
                    return
                continue
            name, data = event
            if name == "job:progress":
                click.echo(f"[{data['done']}/{data['total']}] {data['message']}", err=True)
            elif name == "job:log":
                click.echo(data["line"], err=True)


@main.command("channels")
@click.option("--json", "as_json", is_flag=True, help="With the JSON Schema of every request and answer.")
def list_channels(as_json: bool) -> None:
    """List every channel."""
    from backend.rpc.registry import channels

    if as_json:
        click.echo(json.dumps([channel.schema() for channel in channels().values()], indent=1))
        return
    for channel in channels().values():
        click.echo(f"{channel.name:28} {'job  ' if channel.job else '     '}{channel.summary}")


@main.command("self-check")
@click.option("--json", "as_json", is_flag=True)
def self_check(as_json: bool) -> None:
    """Run each bundled tool and list the engines."""
    from backend.app import build

    services = build(window=False)
    try:
        tools = services.about.self_check()
        engines = services.connections.engines()
    finally:
        services.close()
    ok = all(tool.ok for tool in tools)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "ok": ok,
                    "tools": [t.model_dump() for t in tools],
                    "engines": [e.model_dump(mode="json") for e in engines],
                }
            )
        )
    else:
        for tool in tools:
            mark = "ok " if tool.ok else "NO "
            click.echo(
                f"{mark} {tool.name:16} {tool.version or '':12} {tool.path or ''} {tool.problem or ''}".rstrip()
            )
        click.echo("")
        for engine in engines:
            state = "ok " if engine.available else "NO "
            click.echo(
                f"{state} {engine.label:20} {engine.tool:14} {', '.join(engine.schemes)} {engine.problem or ''}".rstrip()
            )
    sys.exit(0 if ok else 1)


def _ensure_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def entry() -> None:
    """What main.py calls."""
    _ensure_utf8()
    main(prog_name="main.py")
