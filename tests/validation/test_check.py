"""`main.py check` as a pipeline runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BAD = "-- migrate:up\nCREATE INDEX orders_by_day ON orders (day);\n\n-- migrate:down\nDROP INDEX orders_by_day;\n"
GOOD = "-- migrate:up\nCREATE TABLE notes (id bigint PRIMARY KEY);\n\n-- migrate:down\nDROP TABLE notes;\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "db" / "migrations").mkdir(parents=True)
    (folder / "db" / "migrations" / "20260101000000_notes.sql").write_text(GOOD)
    return folder


def check(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    env = {**os.environ, "GITHUB_ACTIONS": "", **environment}
    command = [sys.executable, str(ROOT / "main.py"), "check", *arguments]
    return subprocess.run(
        command, cwd=project, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def write_bad(project: Path) -> None:
    (project / "db" / "migrations" / "20260102000000_index.sql").write_text(BAD)


def test_a_good_folder_passes_and_says_what_was_not_looked_at(project: Path) -> None:
    done = check(project, "--engine", "postgres")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 files of postgres" in done.stdout and "row counts are unknown" in done.stdout


def test_a_dangerous_statement_fails_with_place_and_safe_form(project: Path) -> None:
    write_bad(project)
    done = check(project, "--engine", "postgres", "--fail-on", "medium")
    assert done.returncode == 1
    assert "db/migrations/20260102000000_index.sql:2:" in done.stdout and "CONCURRENTLY" in done.stdout
    assert check(project, "--engine", "postgres", "--fail-on", "never").returncode == 0


def test_the_engine_is_taken_from_the_url_in_env(project: Path) -> None:
    write_bad(project)
    (project / ".env").write_text("DATABASE_URL=postgres://u@localhost/shop\n")
    assert "of postgres" in check(project).stdout


def test_what_the_tool_refuses_fails_too(project: Path) -> None:
    (project / "db" / "migrations" / "20260103000000_no_down.sql").write_text("-- migrate:up\nSELECT 1;\n")
    done = check(project, "--engine", "sqlite")
    assert done.returncode == 1 and "20260103000000_no_down.sql" in done.stdout


def test_json_sarif_and_github_speak_of_the_same_place(project: Path) -> None:
    write_bad(project)
    as_json = json.loads(check(project, "--engine", "postgres", "--format", "json").stdout)
    (finding,) = [
        f for file in as_json["files"] for f in file["findings"] if f["code"] == "pg-index-not-concurrent"
    ]
    sarif = json.loads(check(project, "--engine", "postgres", "--format", "sarif").stdout)
    results = {one["ruleId"]: one for one in sarif["runs"][0]["results"]}
    region = results[finding["code"]]["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"]) == (finding["line"], finding["column"])
    github = check(project, "--engine", "postgres", GITHUB_ACTIONS="true").stdout
    assert (
        f"file=db/migrations/20260102000000_index.sql,line={finding['line']},col={finding['column']}"
        in github
    )


def test_a_newline_in_a_message_cannot_make_a_workflow_command(project: Path) -> None:
    from backend.shell.check_report import _data, _property

    assert "\n" not in _data("a\n::set-output name=x::y") and "," not in _property("a,b:c\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["nowhere"], "no folder"), (["--engine", "oracle"], "oracle"), (["--connection", "nobody"], "nobody")],
)
def test_what_cannot_be_checked_exits_with_2(project: Path, arguments: list[str], said: str) -> None:
    done = check(project, *arguments)
    assert done.returncode == 2 and said in done.stderr


def test_a_folder_whose_engine_nothing_tells_asks_for_it(project: Path) -> None:
    (project / "db" / "migrations" / "20260101000000_notes.sql").write_text(
        "-- migrate:up\nCREATE TABLE notes (id integer);\n-- migrate:down\nDROP TABLE notes;\n"
    )
    done = check(project)
    assert done.returncode == 2 and "--engine" in done.stderr


def test_the_report_can_go_to_a_file(project: Path) -> None:
    write_bad(project)
    done = check(project, "--engine", "postgres", "--format", "sarif", "--output", "report.sarif")
    assert done.stdout == "" and json.loads((project / "report.sarif").read_text())["version"] == "2.1.0"


def test_the_configuration_of_migrate_mongo_is_judged_too(tmp_path: Path) -> None:
    project = tmp_path / "blog"
    (project / "migrations").mkdir(parents=True)
    (project / "migrations" / "20260101000000-notes.js").write_text(
        "module.exports = {\n  async up(db) {\n    await db.createCollection('notes');\n  },\n"
        "  async down(db) {\n    await db.collection('notes').drop();\n  },\n};\n"
    )
    (project / "migrate-mongo-config.js").write_text(
        "module.exports = {\n  mongodb: { url: 'mongodb://localhost', databaseName: 'blog' },\n"
        "  migrationsDir: 'migrations',\n  changelogCollectionName: 'changelog',\n"
        "  lockCollectionName: 'lock',\n  lockTtl: 0,\n  useFileHash: true,\n};\n"
    )
    done = check(project, "--format", "json", "--fail-on", "medium")
    assert done.returncode == 1, done.stdout + done.stderr
    found = {
        (file["filename"], one["code"], one["line"])
        for file in json.loads(done.stdout)["files"]
        for one in file["findings"]
        if one["code"] in ("mongo-file-hash", "mongo-no-lock")
    }
    assert found == {
        ("migrate-mongo-config.js", "mongo-no-lock", 6),
        ("migrate-mongo-config.js", "mongo-file-hash", 7),
    }
