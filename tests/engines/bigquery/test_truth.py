"""The dataset and its migrations table, on the emulator with the real dbmate."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import (
    AuthenticationFailed,
    Conflict,
    ConnectionFailed,
    DatabaseMissing,
    ReadOnly,
    SyntaxProblem,
)
from backend.engines.bigquery import ENGINE
from tests.engines.bigquery.recorded_api import refused, rows, serving
from tests.engines.sqlite.project import Project


def test_applied_follows_dbmate_up_and_down(shop: Project, dataset: str) -> None:
    assert shop.applied() == []
    shop.write("1_a.sql", f"CREATE TABLE {dataset}.a (x INT64)", f"DROP TABLE {dataset}.a")
    shop.write("2_b.sql", f"CREATE TABLE {dataset}.b (x INT64)", f"DROP TABLE {dataset}.b")
    assert shop.up().returncode == 0
    assert shop.applied() == ["1", "2"]
    assert shop.dbmate("--no-dump-schema", "rollback").returncode == 0
    assert shop.applied() == ["1"]


def test_a_missing_dataset_is_told_created_and_dropped(shop: Project) -> None:
    other = Project(shop.folder, shop.url.replace("?", "_other?", 1), ENGINE)
    assert ENGINE.probe(other.target).database_exists is False
    assert other.applied() == [] and ENGINE.fingerprint(other.target) == {}
    assert ENGINE.row_counts(other.target, ["x"]) == {}
    with pytest.raises(DatabaseMissing):
        ENGINE.load_schema(other.target, "SELECT 1", Path("s.sql"))
    ENGINE.create_database(other.target)
    with pytest.raises(Conflict):
        ENGINE.create_database(other.target)
    assert ENGINE.probe(other.target).database_exists is True
    ENGINE.drop_database(other.target)
    ENGINE.drop_database(other.target)
    assert ENGINE.probe(other.target).database_exists is False


def test_catalog_fingerprint_and_counts_name_what_is_there(shop: Project, dataset: str) -> None:
    shop.write(
        "1_a.sql",
        f"CREATE TABLE {dataset}.users (id INT64 NOT NULL, email STRING);\n"
        f"CREATE VIEW {dataset}.v AS SELECT id FROM {dataset}.users;\n"
        f"CREATE FUNCTION {dataset}.f(x INT64) AS (x + 1);\n"
        f"INSERT INTO {dataset}.users (id) VALUES (1), (2);",
    )
    assert shop.up().returncode == 0
    catalog = ENGINE.catalog(shop.target)
    assert [(t.name, t.kind, [(c.name, c.type, c.nullable) for c in t.columns]) for t in catalog.tables] == [
        ("users", "table", [("id", "INT64", False), ("email", "STRING", True)]),
        ("v", "view", [("id", "INT64", True)]),
    ]
    assert catalog.functions == ["f"]
    assert ENGINE.row_counts(shop.target, ["users", "nothing"]) == {"users": 2}
    before = ENGINE.fingerprint(shop.target)
    assert set(before) == {
        "table users", "column users.id", "column users.email", "view v", "column v.id", "function f",
    }  # fmt: skip
    # The emulator's information schema does not follow ALTER TABLE, so the table is made anew.
    shop.write(
        "2_b.sql", f"CREATE OR REPLACE TABLE {dataset}.users (id INT64 NOT NULL, email STRING, age INT64)"
    )
    assert shop.up().returncode == 0
    assert set(ENGINE.fingerprint(shop.target)) - set(before) == {"column users.age"}


def test_a_schema_file_is_loaded_into_this_dataset_whatever_it_names(shop: Project) -> None:
    # The view stands before its table, and both name the dataset that they were dumped from.
    sql = "CREATE VIEW `old.place.v` AS SELECT a FROM `old.place.x`;\nCREATE TABLE `old.place.x`\n(\n  a INT64\n);\n"
    ENGINE.load_schema(shop.target, sql, Path("schema.sql"))
    assert {"table x", "view v"} <= set(ENGINE.fingerprint(shop.target))
    with pytest.raises(SyntaxProblem) as failed:
        ENGINE.load_schema(shop.target, "SELECT 1;\n\nCREATE TABEL y (a INT64);", Path("schema.sql"))
    assert (failed.value.details["line"], failed.value.details["file"]) == (3, "schema.sql")


def test_a_read_only_connection_sends_nothing_that_writes(shop: Project) -> None:
    reader = shop.with_(read_only=True)
    assert reader.applied() == [] and ENGINE.probe(reader.target).database_exists
    for write in (ENGINE.create_database, ENGINE.drop_database):
        with pytest.raises(ReadOnly):
            write(reader.target)
    with pytest.raises(ReadOnly):
        ENGINE.load_schema(reader.target, "SELECT 1", Path("s.sql"))


def test_missing_credentials_are_told_with_the_way_to_get_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    project = Project(tmp_path, "bigquery://p/eu/d", ENGINE)
    with pytest.raises(AuthenticationFailed) as failed:
        ENGINE.probe(project.target)
    assert "gcloud auth application-default login" in str(failed.value.hint)
    (tmp_path / "key.json").write_text('{"type": "service_account", "private_key": "s3cret"}')
    with pytest.raises(AuthenticationFailed) as broken:
        ENGINE.probe(project.with_(env={"GOOGLE_APPLICATION_CREDENTIALS": "key.json"}).target)
    assert "s3cret" not in f"{broken.value} {broken.value.details}"


def test_the_tool_is_told_where_the_credentials_are_and_nothing_secret_in_flags(tmp_path: Path) -> None:
    target = (
        Project(tmp_path, "bigquery://p/eu/d", ENGINE)
        .with_(env={"GOOGLE_APPLICATION_CREDENTIALS": "k.json"})
        .target
    )
    setup = ENGINE.tool_setup(target, "tag")
    assert setup.env["GOOGLE_APPLICATION_CREDENTIALS"] == "k.json"
    assert setup.env["DATABASE_URL"] == "bigquery://p/eu/d" and setup.flags == ()


def test_a_wrong_endpoint_and_a_closed_port_are_clear_errors(shop: Project) -> None:
    wrong = shop.url.replace("%2Fbigquery%2Fv2%2F", "%2Fwrong%2F")
    for url in (wrong, "bigquery://p/us/d?endpoint=http://127.0.0.1:1&disable_auth=true"):
        broken = Project(shop.folder, ENGINE.check_url(url), ENGINE)
        with pytest.raises(ConnectionFailed):
            ENGINE.applied(broken.target)


def test_a_location_that_is_not_the_datasets_is_noted(shop: Project) -> None:
    elsewhere = Project(shop.folder, shop.url.replace("/us/", "/eu/"), ENGINE)
    assert any("lies in" in note for note in ENGINE.probe(elsewhere.target).notes)


def test_a_long_answer_is_read_page_by_page_and_a_slow_job_is_waited_for(tmp_path: Path) -> None:
    polls = []

    def answer(method: str, path: str, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        if method == "POST":
            return 200, {
                "jobReference": {"projectId": "p", "jobId": "job_1", "location": "US"},
                "jobComplete": False,
            }
        if "/queries/" in path:
            polls.append(path)
            status, page = rows(["version"], (str(len(polls)),))
            return status, {**page, **({"pageToken": "next"} if len(polls) < 3 else {})}
        return 200, {}

    with serving(answer) as api:
        assert Project(tmp_path, api.url(), ENGINE).applied() == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("status", "reason", "message", "kind"),
    [
        (401, "authError", "Invalid Credentials", AuthenticationFailed),
        (
            403,
            "accessDenied",
            "Access Denied: Dataset p:shop: User does not have permission",
            "PermissionDenied",
        ),
        (404, "notFound", "Not found: Project p", ConnectionFailed),
        (500, "backendError", "Error encountered during execution.", "SqlFailed"),
    ],
)
def test_a_refusal_of_the_api_is_translated(
    tmp_path: Path, status: int, reason: str, message: str, kind: type | str
) -> None:
    with serving(lambda *_: refused(status, reason, message)) as api, pytest.raises(Exception) as failed:  # noqa: PT011
        ENGINE.probe(Project(tmp_path, api.url(), ENGINE).target)
    assert (failed.type.__name__ if isinstance(kind, str) else failed.type) == kind
