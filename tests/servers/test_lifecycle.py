"""The servers end with the run, however it ends, and are shared by everyone in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pymongo
import pymysql
import pytest

from tests.plugin_servers import PrivateServerFactory
from tests.servers import Server, ServerUnavailable, recipe_of
from tests.servers.launch import server_processes
from tests.servers.shared import SharedServers

ROOT = Path(__file__).parents[2]
CONFTEST = 'pytest_plugins = ["tests.plugin_servers"]\n'
NO_PLUGIN = ["-p", "no:bqemulator"]  # the emulator's own fixtures want a package for containers


def processes_of(folder: str) -> list[psutil.Process]:
    """Every process whose command line names that folder."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        zombie = process.info["status"] == psutil.STATUS_ZOMBIE
        if not zombie and any(folder in part for part in process.info["cmdline"] or []):
            found.append(process)
    return found


def wait_until_gone(folder: str, timeout_s: float = 45) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and (processes_of(folder) or Path(folder).exists()):
        time.sleep(0.1)
    assert processes_of(folder) == []
    assert not Path(folder).exists()


def inner_pytest(folder: Path, test: str, *options: str) -> subprocess.Popen[str]:
    """Start a pytest of its own on one file that uses the same fixtures."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_inner.py").write_text(test)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *NO_PLUGIN,
        f"--rootdir={folder}",
        *options,
    ]
    return subprocess.Popen(
        [*command, str(folder)],
        cwd=folder,
        env={**{k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


ASKING = """
import os, pathlib, time, pytest
@pytest.mark.parametrize("number", range(4))
def test_asks(number, postgres_server, postgres_url):
    pathlib.Path("seen-%d-%d" % (number, os.getpid())).write_text(f"{postgres_server.home}\\n{postgres_url}")
    time.sleep(0.3)
    @WHAT@
"""


def seen(folder: Path) -> list[list[str]]:
    return [file.read_text().splitlines() for file in folder.glob("seen-*")]


def test_all_workers_of_a_run_share_one_server_which_ends_with_it(tmp_path: Path) -> None:
    run = inner_pytest(tmp_path, ASKING.replace("@WHAT@", "pass"), "-n2")
    output, _ = run.communicate(timeout=90)
    assert run.returncode == 0, output
    workers = {file.name.split("-")[2] for file in tmp_path.glob("seen-*")}
    homes = {home for home, _ in seen(tmp_path)}
    assert len(workers) == 2 and len(homes) == 1
    assert len({url for _, url in seen(tmp_path)}) == 4
    wait_until_gone(str(Path(homes.pop()).parent), timeout_s=0.5)


@pytest.mark.parametrize("options", [[], ["-n2"]], ids=["alone", "xdist"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda n: n.name)
def test_servers_end_when_the_run_is_interrupted(
    tmp_path: Path, options: list[str], number: signal.Signals
) -> None:
    run = inner_pytest(tmp_path, ASKING.replace("@WHAT@", "time.sleep(60)"), *options)
    deadline = time.monotonic() + 60
    while not seen(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.5)
    run_dir = str(Path(seen(tmp_path)[0][0]).parent)
    assert processes_of(run_dir)
    run.send_signal(number)
    wait_until_gone(run_dir)
    run.communicate(timeout=30)
    for process in processes_of(str(tmp_path)):  # workers of a killed controller, should any linger
        process.kill()


def test_a_failing_test_leaves_nothing(tmp_path: Path) -> None:
    run = inner_pytest(tmp_path, ASKING.replace("@WHAT@", "os._exit(3)"))
    run.communicate(timeout=60)
    wait_until_gone(str(Path(seen(tmp_path)[0][0]).parent))


def test_a_missing_server_is_a_skip_with_the_reason_and_in_ci_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = """
import tests.servers.postgres as postgres, pytest
from tests.servers import ServerUnavailable
@pytest.fixture(autouse=True)
def no_programs(monkeypatch):
    def missing(self): raise ServerUnavailable("apt-get install postgresql")
    monkeypatch.setattr(postgres.Postgres15, "bin_dir", missing)
def test_it(no_programs, request):
    request.getfixturevalue("postgres15_url")
"""
    monkeypatch.delenv("CI", raising=False)
    skipped, _ = inner_pytest(tmp_path, test, "-rs").communicate(timeout=60)
    assert "1 skipped" in skipped and "apt-get install postgresql" in skipped
    monkeypatch.setenv("CI", "true")
    failed, _ = inner_pytest(tmp_path, test).communicate(timeout=60)
    assert "1 skipped" not in failed and "CI must have this server: apt-get install postgresql" in failed


def test_the_run_folder_is_readable_by_others_but_its_notes_are_not(postgres_server: Server) -> None:
    note = postgres_server.home.parent / "postgres18.json"
    assert note.stat().st_mode & 0o077 == 0
    assert "Tk7" not in repr(postgres_server)


@pytest.mark.parametrize("kind", ["postgres18", "postgres15", "mariadb", "mongodb", "clickhouse"])
def test_no_command_line_holds_the_password(kind: str, pytestconfig: pytest.Config) -> None:
    from tests.plugin_servers import SHARED, unavailable

    try:
        server = pytestconfig.stash[SHARED].get(kind)
    except ServerUnavailable as error:
        unavailable(str(error))
    processes = [psutil.Process(server.guard_pid), *server_processes(server)]
    assert len(processes) > 1
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # a session's process that ended meanwhile
            assert server.password not in " ".join(process.cmdline())


def test_a_server_that_failed_is_not_tried_again_in_the_same_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = []

    def broken(self: object, home: Path, port: int) -> list[str]:
        attempts.append(port)
        return [sys.executable, "-c", "print('the disk is made of cheese')"]

    monkeypatch.setattr(type(recipe_of("mongodb")), "command", broken)
    shared = SharedServers(run_dir=tmp_path, owner_pid=os.getpid())
    for _ in range(2):
        with pytest.raises(Exception, match="cheese"):
            shared.get("mongodb")
    assert len(attempts) == 1


def test_private_postgres_comes_back_with_its_data_after_a_kill(
    private_postgres: PrivateServerFactory,
) -> None:
    private = private_postgres()
    url = private.new_database("shop").url
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    port = private.port
    private.kill()
    assert not private.is_running
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)
    private.start()
    assert private.port == port
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_private_mariadb_comes_back_with_its_data_after_a_kill(private_mariadb: PrivateServerFactory) -> None:
    private = private_mariadb()
    private.new_database("shop")

    def connect() -> pymysql.Connection[pymysql.cursors.Cursor]:
        server = private.server
        return pymysql.connect(
            host=server.host, port=server.port, user=server.user, password=server.password, database="shop"
        )

    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (id int)")
    private.kill()
    with pytest.raises(pymysql.err.OperationalError):
        connect()
    private.start()
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        assert cursor.fetchall() == (("kept",),)


def test_private_mongodb_comes_back_with_its_data_after_a_kill(private_mongodb: PrivateServerFactory) -> None:
    private = private_mongodb()
    with pymongo.MongoClient[dict[str, int]](private.new_database("shop").url) as client:
        client.shop.kept.insert_one({"_id": 1})
    private.kill()
    private.start()
    with pymongo.MongoClient[dict[str, int]](private.server.url("shop")) as client:
        assert client.shop.kept.count_documents({}) == 1


def test_a_private_server_leaves_no_folder_and_no_process(private_postgres: PrivateServerFactory) -> None:
    private = private_postgres()
    run_dir = str(private.server.home.parent)
    private.close()
    wait_until_gone(run_dir, timeout_s=0.5)


def test_servers_in_the_foreground_print_their_urls_as_json_lines() -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "tests.servers", "postgres18", "mongodb"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    lines = [json.loads(run.stdout.readline()) for _ in range(2)]
    assert [line["kind"] for line in lines] == ["postgres18", "mongodb"]
    with psycopg.connect(lines[0]["url"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    home = lines[0]["home"]
    run.send_signal(signal.SIGINT)
    run.wait(timeout=30)
    run.stdout.close()
    wait_until_gone(home)
