"""The command line as a script would use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, text: str | None = None, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "main.py"), *arguments]
    return subprocess.run(
        command, input=text, capture_output=True, text=True, cwd=cwd, timeout=120, check=False
    )


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


def test_call_prints_the_envelope_and_exits_0() -> None:
    done = run("call", "connection:list", "{}")
    assert done.returncode == 0 and answer(done) == {"ok": True, "data": {"connections": [], "problems": []}}


def test_call_exits_1_on_an_error_and_reads_standard_input() -> None:
    done = run("call", "connection:get", "-", text='{"connection": "nobody"}')
    assert done.returncode == 1 and answer(done)["error"]["code"] == "connection_not_found"


def test_call_says_what_is_not_json() -> None:
    done = run("call", "connection:get", "{oops")
    assert done.returncode == 1 and answer(done)["error"]["code"] == "invalid_request"


def test_a_whole_story_by_command_line(tmp_path: Path) -> None:
    """Sample, up, down with consent: progress on standard error, the envelope alone on standard output."""
    assert answer(run("call", "connection:sample", "{}"))["data"]["id"] == "sample-shop"
    up = run("call", "migration:up", '{"connection": "sample-shop"}')
    assert answer(up)["data"]["ok"] and "Applying" in up.stderr
    refused = run("call", "migration:down", '{"connection": "sample-shop", "count": 5}')
    assert refused.returncode == 1 and answer(refused)["error"]["code"] == "confirmation_required"
    confirmed = {
        "connection": "sample-shop",
        "count": 5,
        "confirm": answer(refused)["error"]["details"]["confirm"],
    }
    assert answer(run("call", "migration:down", json.dumps(confirmed)))["data"]["ok"]
    status = answer(run("call", "migration:status", '{"connection": "sample-shop"}'))["data"]
    assert (status["applied"], status["pending"]) == (3, 5)


def test_it_runs_from_any_folder(tmp_path: Path) -> None:
    assert run("call", "app:info", cwd=tmp_path).returncode == 0


def test_channels_lists_the_schemas() -> None:
    listed = json.loads(run("channels", "--json").stdout)
    (up,) = [channel for channel in listed if channel["channel"] == "migration:up"]
    assert up["job"] and "allow_out_of_order" in up["request"]["properties"]


def test_self_check_runs_each_bundled_part_with_an_empty_path() -> None:
    environment = {**os.environ, "PATH": ""}
    command = [sys.executable, str(ROOT / "main.py"), "self-check", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
    report = json.loads(done.stdout)
    assert done.returncode == 0 and report["ok"]
    assert {"dbmate", "node", "migrate-mongo", "mongodb", "pg_dump"} <= {
        tool["name"] for tool in report["tools"]
    }
    assert len(report["engines"]) == 7 and all(engine["available"] for engine in report["engines"])


def test_nothing_heavy_is_imported_for_a_short_call() -> None:
    code = (
        "import sys; sys.argv = ['main.py', 'call', 'connection:list', '{}'];"
        "import backend.shell.cli as cli\n"
        "try:\n    cli.entry()\nexcept SystemExit:\n    pass\n"
        "heavy = [m for m in ('webview', 'flask', 'psycopg', 'pymongo', 'pymysql', 'sqlglot', 'git') if m in sys.modules]\n"
        "print(heavy, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert done.stderr.strip().endswith("[]"), done.stderr
