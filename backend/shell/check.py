"""`main.py check`: validates and lints migrations for pipelines. No window, no database needed.

Exit code 0: nothing as bad as --fail-on; 1: something is; 2: it could not be checked.
With --drift it compares a connection's database with what its applied migrations make: 0 in sync, 1 drifted, 2 not known.
With --rehearse it runs what is pending on a scratch copy, up, down and up: 0 fine, 1 failed or broken (--strict: lossy or
without a down, too), 2 it could not be rehearsed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from backend.models.finding import Severity
from backend.models.validation import Validation

from .check_report import FORMATS

_SEVERITIES = [str(severity) for severity in Severity]


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--connection", "-c", help="Check a saved connection instead of a folder, its database looked at."
)
@click.option("--all", "everything", is_flag=True, help="With --connection: applied migrations too.")
@click.option("--engine", help="The folder's engine, where its URL or files do not tell.")
@click.option(
    "--format", "style", type=click.Choice(sorted(FORMATS)), help="text, or github inside GitHub Actions."
)
@click.option(
    "--output", type=click.Path(path_type=Path), help="Write the report here instead of to standard output."
)
@click.option(
    "--drift", is_flag=True, help="With --connection: has its database drifted from its migrations?"
)
@click.option(
    "--rehearse", is_flag=True, help="With --connection: run what is pending on a scratch copy, up, down, up."
)
@click.option(
    "--strict", is_flag=True, help="With --rehearse: a down that loses rows, or none at all, fails too."
)
@click.option(
    "--scratch",
    default="auto",
    show_default=True,
    help="With --rehearse: auto, bundled, server, or a connection.",
)
@click.option(
    "--rows",
    type=click.Choice(["none", "sample", "all"]),
    default="sample",
    show_default=True,
    help="With --rehearse: which rows are copied.",
)
@click.option("--fail-on", type=click.Choice([*_SEVERITIES, "never"]), default="high", show_default=True)
def check(
    path: Path | None,
    connection: str | None,
    everything: bool,
    engine: str | None,
    style: str | None,
    output: Path | None,
    fail_on: str,
    drift: bool,
    rehearse: bool,
    strict: bool,
    scratch: str,
    rows: str,
) -> None:
    """Check the migrations in PATH (a project or migrations folder; the current one by default)."""
    from backend.app import build
    from backend.core.errors import AppError

    chosen = style or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text")
    services = build(window=False)
    try:
        if drift:
            text, code = _drift(services, connection, chosen)
            _write(text, output)
            sys.exit(code)
        if rehearse:
            text, code = _rehearsal(services, connection, chosen, strict=strict, scratch=scratch, rows=rows)
            _write(text, output)
            sys.exit(code)
        if connection is not None:
            result = services.validation.validate(connection, scope="all" if everything else "pending")
        else:
            result = _of_folder(services, (path or Path.cwd()), engine)
    except AppError as error:
        click.echo(f"{error.title}: {error.message}", err=True)
        if error.hint:
            click.echo(error.hint, err=True)
        sys.exit(2)
    finally:
        services.close()
    _write(FORMATS[chosen](result, Path.cwd()), output)
    sys.exit(1 if _fails(result, fail_on) else 0)


def _drift(services: Any, connection: str | None, style: str) -> tuple[str, int]:
    """The report and the exit code."""
    from backend.core.errors import InvalidRequest
    from backend.models.schema_diff import DriftState

    from . import drift_report

    if connection is None:
        raise InvalidRequest(
            "Drift is of a database: it needs a connection.", hint="Name it with --connection shop, say."
        )
    found = services.drift.check(connection)
    file = drift_report.shown(services.connections.get(connection).schema_file, Path.cwd())
    codes = {DriftState.IN_SYNC: 0, DriftState.DRIFTED: 1, DriftState.UNKNOWN: 2}
    return drift_report.FORMATS[style](found, file), codes[found.state]


def _rehearsal(
    services: Any, connection: str | None, style: str, *, strict: bool, scratch: str, rows: str
) -> tuple[str, int]:
    """The report and the exit code."""
    from backend.core.errors import InvalidRequest
    from backend.models.migration import MigrationStatus
    from backend.models.rehearsal import RehearseRequest, RowsWanted

    from . import rehearsal_report

    if connection is None:
        raise InvalidRequest(
            "A rehearsal is of a database: it needs a connection.",
            hint="Name it with --connection shop, say.",
        )
    view = services.migrations.view(connection)
    if view.problem is None and all(one.status == MigrationStatus.APPLIED for one in view.migrations):
        return ("Nothing is pending, so there is nothing to rehearse.\n" if style == "text" else ""), 0
    # Nobody is there to be asked: the limits of the machine are what holds.
    request = RehearseRequest(
        connection=connection, scratch=scratch, rows=RowsWanted(rows), accept_bytes=sys.maxsize
    )
    found = services.rehearsals.rehearse(request)
    paths = {one.filename: rehearsal_report.shown(one.path, Path.cwd()) for one in view.scan.files}
    text = rehearsal_report.FORMATS[style](found, paths, strict=strict)
    return text, 1 if rehearsal_report.fails(found, strict=strict) else 0


def _write(text: str, output: Path | None) -> None:
    if output is not None:
        output.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


def _of_folder(services: Any, path: Path, engine_name: str | None) -> Validation:
    from backend.core.errors import InvalidRequest, NotFound
    from backend.engine.registry import engine_named
    from backend.services.adoption import find_project
    from backend.services.toolbox import tool_named
    from backend.services.validation import config_files, files_of

    if not path.is_dir():
        raise NotFound(f"There is no folder {path}.")
    project = find_project(path.resolve())
    if project.tool is None:
        raise NotFound(
            f"There are no migrations in {path.resolve()}.", hint="Name the migrations folder or its project."
        )
    named = engine_name or project.engine or services.adoption.detect(path=str(path))["engine"]
    if named is None:
        raise InvalidRequest(
            f"Nothing in {path} tells which database the migrations are for.",
            hint="Say it with --engine postgres, say.",
        )
    engine = engine_named(str(named))
    files = files_of(engine, project.migrations_dirs) + config_files(tool_named(engine.tool), project.folder)
    result: Validation = services.validation.of_folder(engine, files)
    return result


def _fails(result: Validation, fail_on: str) -> bool:
    if fail_on == "never" or result.worst is None:
        return False
    return _SEVERITIES.index(str(result.worst)) >= _SEVERITIES.index(fail_on)
