"""A project's migrate-mongo configuration: evaluated by Node, as the tool does, in the project's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backend.core.errors import MigrationInvalid
from backend.core.errors import TimedOut as TookTooLong

from .node import ask

CONFIG_NAMES = tuple(
    f"migrate-mongo-config.{extension}" for extension in ("js", "cjs", "mjs", "ts", "cts", "mts")
)
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class MongoConfig:
    """What the configuration says. `migrations_dir` is absolute; `url` may hold a secret and is never printed."""

    file: Path
    url: str | None = field(repr=False)
    database_name: str | None
    migrations_dir: Path
    changelog: str = "changelog"
    extension: str = ".js"
    use_file_hash: bool = False
    lock_collection: str | None = None
    lock_ttl_s: float = 0
    module_system: str = "commonjs"


def find_config(folder: Path) -> Path | None:
    """The folder's configuration file; the tool itself looks for the `.js` only."""
    return next((folder / name for name in CONFIG_NAMES if (folder / name).is_file()), None)


def read_config(
    folder: Path,
    *,
    env: Mapping[str, str] | None = None,
    file: str | None = None,
    timeout_s: float = _TIMEOUT_S,
    trusted: bool = True,
) -> MongoConfig | None:
    """The configuration of the project in `folder`, or None where it has none.

    Evaluated with `env` and the project's own .env; `file` names another file than the usual. Raises MigrationInvalid
    where it cannot be evaluated (a package is missing, it throws), with `details.module` for a missing package.

    The configuration is a program. Until its user has taken the project on (`trusted`) it runs sealed: it reads the
    project and what Node finds for it, writes nothing, starts nothing and has no network.
    """
    if file is None and find_config(folder) is None:
        return None
    request = {"configFile": file} if file else {}
    reads = None if trusted else _of_the_project(folder)
    answer = ask("read-config", folder, request, env=env, timeout_s=timeout_s, reads=reads)
    if answer.finished.timed_out:
        raise TookTooLong(
            "Reading the migrate-mongo configuration took too long.", hint="Does it wait for a server?"
        )
    if answer.failure is not None or not answer.has_ended:
        raise _invalid(answer.failure or {}, folder)
    if answer.result is None:
        return None
    told = answer.result
    return MongoConfig(
        file=Path(told["file"]),
        url=told["url"],
        database_name=told["databaseName"],
        migrations_dir=(folder / told["migrationsDir"]).resolve(),
        changelog=told["changelogCollectionName"],
        extension=told["migrationFileExtension"],
        use_file_hash=told["useFileHash"],
        lock_collection=told["lockCollectionName"],
        lock_ttl_s=told["lockTtl"],
        module_system=told["moduleSystem"],
    )


def _of_the_project(folder: Path) -> list[str]:
    """What its configuration may read: the repository around the folder (never a whole home), else the folder, and the
    packages and package.json of the folders above, as Node looks for them."""
    home = Path.home()
    found: list[str] = []
    for start in dict.fromkeys((folder, folder.resolve())):
        above = (start, *start.parents)
        root = next((one for one in above if (one / ".git").exists()), start)
        if root == home or root in home.parents:
            root = start
        found.append(f"{root}/*")
        for one in above:
            found += [f"{one / 'node_modules'}/*", str(one / "package.json")]
    return found


def _invalid(failure: dict[str, object], folder: Path) -> MigrationInvalid:
    name = failure.get("file") or "migrate-mongo-config.js"
    missing = failure.get("missingModule")
    if isinstance(missing, dict) and not missing.get("relative"):
        module = str(missing["name"])
        return MigrationInvalid(
            f"{name} needs the npm package {module}, which is not installed for this project.",
            hint=f"Run `npm install {module}` in {folder}, then try again.",
            module=module,
            command=f"npm install {module}",
            folder=str(folder),
            file=name,
        )
    # The thrown text may quote the URL it was given; the first line without URLs is enough to find the place.
    message = " ".join(
        word if "://" not in word else "…"
        for word in str(failure.get("message") or "it ended at once").split()
    )
    place = f" (line {failure['line']})" if failure.get("line") else ""
    return MigrationInvalid(
        f"{name} cannot be evaluated{place}: {message}",
        hint="Run `npx migrate-mongo status` in its folder to see the same.",
        file=name,
        line=failure.get("line"),
        column=failure.get("column"),
    )


def config_text(
    *, migrations_dir: str = "migrations", changelog: str = "changelog", url_variable: str = "MONGODB_URL"
) -> str:
    """A configuration for a folder of the app's own, which the bare tool can use too: the URL comes from a variable."""
    return f"""// The URL is read from {url_variable}: from the environment, or from .env beside this file.
try {{
  process.loadEnvFile(require("node:path").join(__dirname, ".env"));
}} catch {{
  // No .env: then the variable comes from the environment.
}}

module.exports = {{
  mongodb: {{
    // The database stands in the URL: mongodb://localhost:27017/shop
    url: process.env.{url_variable},
    options: {{ serverSelectionTimeoutMS: 5000 }},
  }},
  migrationsDir: {json.dumps(migrations_dir)},
  changelogCollectionName: {json.dumps(changelog)},
  lockCollectionName: "changelog_lock",
  lockTtl: 0,
  migrationFileExtension: ".js",
  useFileHash: false,
  moduleSystem: "commonjs",
}};
"""
