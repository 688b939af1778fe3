"""What the engine reads and changes on a real server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from backend.core.errors import (
    AppError,
    AuthenticationFailed,
    Conflict,
    ConnectionFailed,
    ConstraintViolation,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    ReadOnly,
    SqlFailed,
    SyntaxProblem,
)
from backend.engine.port import CAPABILITIES
from backend.engine.target import Target
from backend.engines.mongodb import ENGINE
from backend.engines.mongodb.errors import from_server, translate
from tests.drivers.migrate_mongo.project import Project, target_of
from tests.servers import PASSWORD, Server

RULE = {
    "$jsonSchema": {
        "bsonType": "object",
        "required": ["email"],
        "properties": {"email": {"bsonType": "string"}},
    }
}


def fill(project: Project) -> None:
    """Collections, rules, indexes and views, as a shop has them."""
    db = project.db
    db.create_collection("users", validator=RULE, validationLevel="moderate")
    db.users.create_index("email", unique=True, name="by_email")
    db.users.create_index(
        [("name", 1), ("born", -1)], partialFilterExpression={"active": True}, name="by_name"
    )
    db.create_collection("log", capped=True, size=4096)
    db.create_collection("b_adults", viewOn="users", pipeline=[{"$match": {"age": {"$gt": 17}}}])
    db.create_collection("a_names", viewOn="b_adults", pipeline=[{"$project": {"name": 1}}])
    db.users.insert_many(
        [{"email": "a", "age": 20, "address": {"city": "Bern"}}, {"email": "b", "tags": ["x"]}]
    )
    db.changelog.insert_one({"fileName": "1-a.js"})


# -- truth ----------------------------------------------------------------------------------------------------------


def test_every_capability_is_stated_and_what_is_missing_has_its_reason() -> None:
    stated = ENGINE.capabilities()
    assert list(stated) == list(CAPABILITIES)
    assert all(item.supported or (item.reason or "").endswith(".") for item in stated.values())


def test_reading_creates_nothing(project: Project) -> None:
    target = project.target
    assert ENGINE.applied(target) == []
    assert ENGINE.catalog(target).tables == []
    assert ENGINE.fingerprint(target) == {}
    info = ENGINE.probe(target)
    assert (info.product, info.database_exists, info.read_only) == ("MongoDB", False, False)
    assert info.version and 0 < info.latency_ms < 5000 and "Replica set" in info.notes[0]
    assert project.db.name not in project.client.list_database_names()


def test_create_makes_the_database_exist_and_drop_ends_that(project: Project) -> None:
    ENGINE.create_database(project.target)
    assert project.db.list_collection_names() == ["changelog"]
    assert ENGINE.probe(project.target).database_exists
    with pytest.raises(Conflict):
        ENGINE.create_database(project.target)
    ENGINE.drop_database(project.target)
    ENGINE.drop_database(project.target)
    assert not ENGINE.probe(project.target).database_exists


def test_the_servers_own_databases_are_not_dropped(mongodb_server: Server, tmp_path: Path) -> None:
    with pytest.raises(PermissionDenied):
        ENGINE.drop_database(target_of(mongodb_server.admin_url, tmp_path))


def test_applied_is_in_filename_order_and_passes_over_foreign_entries(project: Project) -> None:
    project.db.changelog.insert_many(
        [{"fileName": "2.js"}, {"odd": 1}, {"fileName": "10.js", "appliedAt": "text", "migrationBlock": 3.0}]
    )
    assert [(row.version, row.block) for row in ENGINE.applied(project.target)] == [
        ("10.js", 3),
        ("2.js", None),
    ]


def test_another_changelog_name_is_respected(project: Project) -> None:
    project.db.my_log.insert_one({"fileName": "1.js"})
    target = target_of(project.url, project.folder, migrations_table="my_log")
    assert [row.version for row in ENGINE.applied(target)] == ["1.js"]
    assert "my_log" not in [table.name for table in ENGINE.catalog(target).tables]


WRITES: dict[str, Callable[[Target], Any]] = {
    "create_database": ENGINE.create_database,
    "drop_database": ENGINE.drop_database,
    "load_schema": lambda target: ENGINE.load_schema(
        target, '{"format": "db-toolkit/mongodb-schema", "version": 1, "collections": []}', Path("s")
    ),
    "create_collection": lambda target: ENGINE.create_collection(target, "x", {}),
    "create_index": lambda target: ENGINE.create_index(target, "x", [("a", 1)], {}),
    "set_validator": lambda target: ENGINE.set_validator(target, "x", {}, "strict", "error"),
    "run_lock": lambda target: ENGINE.run_lock(target, {}).__enter__(),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_read_only_connection_changes_nothing(project: Project, write: Callable[[Target], Any]) -> None:
    project.db.kept.insert_one({"_id": 1})
    before = ENGINE.fingerprint(project.target)
    with pytest.raises(ReadOnly):
        write(target_of(project.url, project.folder, read_only=True))
    assert ENGINE.fingerprint(project.target) == before
    assert project.db.list_collection_names() == ["kept"]


# -- catalog, fingerprint -------------------------------------------------------------------------------------------


def test_the_catalog_names_collections_fields_indexes_and_views(project: Project) -> None:
    fill(project)
    found = {table.name: table for table in ENGINE.catalog(project.target).tables}
    assert {name: table.kind for name, table in found.items()} == {
        "a_names": "view",
        "b_adults": "view",
        "log": "collection",
        "users": "collection",
    }
    users = found["users"]
    assert users.rows == 2
    assert {index.name: (index.columns, index.unique) for index in users.indexes} == {
        "_id_": (["_id"], True),
        "by_email": (["email"], True),
        "by_name": (["name", "born"], False),
    }
    fields = {column.name: (column.type, column.nullable) for column in users.columns}
    assert fields["email"] == ("string", False) and fields["_id"] == ("objectId", False)
    assert (
        fields["address.city"] == ("string", True)
        and fields["tags"] == ("array", True)
        and fields["age"] == ("int", True)
    )


CHANGES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a new collection": (lambda db: db.create_collection("new"), "collection new"),
    "a dropped collection": (lambda db: db.log.drop(), "collection log"),
    "a new index": (lambda db: db.users.create_index("age"), "index users.age_1"),
    "a dropped index": (lambda db: db.users.drop_index("by_name"), "index users.by_name"),
    "a new rule": (lambda db: db.command({"collMod": "users", "validator": {"a": 1}}), "validator users"),
    "a softer rule": (
        lambda db: db.command({"collMod": "users", "validationAction": "warn"}),
        "validator users",
    ),
    "a dropped view": (lambda db: db.a_names.drop(), "view a_names"),
    "an added document": (lambda db: db.users.insert_one({"email": "c"}), "documents users"),
    "a removed document": (lambda db: db.users.delete_one({"email": "a"}), "documents users"),
}


@pytest.mark.parametrize(("change", "key"), CHANGES.values(), ids=CHANGES.keys())
def test_the_fingerprint_shows_each_change(project: Project, change: Callable[[Any], Any], key: str) -> None:
    fill(project)
    before = ENGINE.fingerprint(project.target)
    assert ENGINE.fingerprint(project.target) == before
    change(project.db)
    after = ENGINE.fingerprint(project.target)
    assert key in {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_an_index_made_again_with_other_options_shows(project: Project) -> None:
    fill(project)
    before = ENGINE.fingerprint(project.target)
    project.db.users.drop_index("by_email")
    project.db.users.create_index("email", name="by_email")
    after = ENGINE.fingerprint(project.target)
    assert [name for name in before if before[name] != after.get(name)] == ["index users.by_email"]


def test_row_counts_are_exact_and_leave_out_what_is_missing(project: Project) -> None:
    fill(project)
    assert ENGINE.row_counts(project.target, ["users", "log", "gone"]) == {"users": 2, "log": 0}


# -- schema file ----------------------------------------------------------------------------------------------------


def test_a_dumped_schema_loads_into_an_empty_database_and_dumps_the_same(
    project: Project, mongodb_server: Server
) -> None:
    fill(project)
    text = ENGINE.dump_schema(project.target)
    assert text == ENGINE.dump_schema(project.target) and text.endswith("}\n")
    other = mongodb_server.new_database()
    try:
        target = target_of(other.url, project.folder)
        ENGINE.load_schema(target, text, Path("schema.json"))
        assert ENGINE.dump_schema(target) == text
        assert [row.version for row in ENGINE.applied(target)] == ["1-a.js"]
        schema = {
            key: value
            for key, value in ENGINE.fingerprint(project.target).items()
            if not key.startswith("documents")
        }
        assert {
            key: value for key, value in ENGINE.fingerprint(target).items() if not key.startswith("documents")
        } == schema
        with MongoClient(other.url) as client, pytest.raises(OperationFailure):
            client.get_default_database().users.insert_one({"no": "email"})
        with pytest.raises(Conflict) as caught:
            ENGINE.load_schema(target, text, Path("schema.json"))
        assert "users" in caught.value.message
    finally:
        mongodb_server.drop_database(other.name)


@pytest.mark.parametrize(
    ("text", "error", "details"),
    [
        ('{\n  "format": ,\n}', SyntaxProblem, {"line": 2, "column": 13}),
        ("[]", SqlFailed, {}),
        ('{"format": "db-toolkit/mongodb-schema", "version": 9, "collections": []}', SqlFailed, {}),
        ('{"format": "db-toolkit/mongodb-schema", "version": 1, "collections": [1]}', SqlFailed, {}),
        (
            '{"format": "db-toolkit/mongodb-schema", "version": 1, "collections": [{"name": "x", "options": {"odd": 1}}]}',
            SqlFailed,
            {"collection": "x"},
        ),
    ],
)
def test_a_bad_schema_file_is_refused_with_its_place(
    project: Project, text: str, error: type[AppError], details: dict[str, Any]
) -> None:
    with pytest.raises(error) as caught:
        ENGINE.load_schema(project.target, text, Path("/p/schema.json"))
    assert caught.value.details["file"] == str(Path("/p/schema.json"))
    assert {name: caught.value.details.get(name) for name in details} == details


# -- collections ----------------------------------------------------------------------------------------------------


def test_a_collection_with_options_an_index_and_a_rule(project: Project) -> None:
    ENGINE.create_collection(project.target, "users", {"capped": True, "size": 4096})
    assert project.db.users.options()["capped"] is True
    with pytest.raises(Conflict):
        ENGINE.create_collection(project.target, "users", {})
    assert (
        ENGINE.create_index(project.target, "users", [("email", 1), ("age", -1)], {"unique": True})
        == "email_1_age_-1"
    )
    with pytest.raises(Conflict):
        ENGINE.create_index(project.target, "users", [("email", 1), ("age", -1)], {})
    ENGINE.set_validator(project.target, "users", RULE, "moderate", "error")
    with pytest.raises(OperationFailure):
        project.db.users.insert_one({"x": 1})
    ENGINE.set_validator(project.target, "made", {}, "strict", "warn")
    assert "made" in project.db.list_collection_names()


def test_a_unique_index_over_duplicates_names_the_value(project: Project) -> None:
    project.db.users.insert_many([{"email": "twice"}, {"email": "twice"}])
    with pytest.raises(ConstraintViolation) as caught:
        ENGINE.create_index(project.target, "users", [("email", 1)], {"unique": True})
    assert "twice" in caught.value.message


def test_documents_a_rule_would_refuse_are_counted_before_it_is_set(project: Project) -> None:
    project.db.users.insert_many([{"email": "a"}, {"email": 1}, {}])
    assert ENGINE.count_invalid(project.target, "users", RULE) == 2
    assert ENGINE.count_invalid(project.target, "users", {"email": {"$type": "string"}}) == 2
    assert ENGINE.count_invalid(project.target, "users", {}) == 0
    with pytest.raises(NotFound):
        ENGINE.count_invalid(project.target, "gone", RULE)


@pytest.mark.parametrize("name", ["", "a$b", "system.x", ".x", "x.", "a\0b", "dbtoolkit_lock"])
def test_names_that_no_collection_can_have_are_refused(project: Project, name: str) -> None:
    with pytest.raises(InvalidRequest):
        ENGINE.create_collection(project.target, name, {})


def test_an_option_the_server_does_not_know_leaves_nothing_behind(project: Project) -> None:
    with pytest.raises(AppError):
        ENGINE.create_collection(project.target, "x", {"capped": True})
    with pytest.raises(AppError):
        ENGINE.set_validator(project.target, "x", {"$odd": 1}, "strict", "error")
    assert project.db.list_collection_names() == []


# -- errors ---------------------------------------------------------------------------------------------------------


def test_a_wrong_password_says_so_without_repeating_it(mongodb_server: Server, tmp_path: Path) -> None:
    url = mongodb_server.url("x").replace(PASSWORD, "wrong-and-secret")
    with pytest.raises(AuthenticationFailed) as caught:
        ENGINE.probe(target_of(url, tmp_path))
    assert "secret" not in caught.value.message + str(caught.value.details) and "authSource" in str(
        caught.value.hint
    )


@pytest.mark.parametrize(
    "url", ["mongodb://u:hidden-pw@127.0.0.1:1/x", "mongodb+srv://u:hidden-pw@no-such-cluster.invalid/x"]
)
def test_a_server_that_does_not_answer(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        ENGINE.probe(target_of(url, tmp_path, connect_timeout_s=1.0))
    assert "hidden-pw" not in caught.value.message + str(caught.value.details)
    assert "Topology" not in caught.value.message and len(caught.value.message) < 250


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (18, "Authentication failed.", "authentication_failed"),
        (8000, "bad auth", "authentication_failed"),
        (13, "not authorized on shop to execute command", "permission_denied"),
        (
            11000,
            'E11000 duplicate key error collection: shop.users index: email_1 dup key: { email: "x" }',
            "constraint_violation",
        ),
        (121, "Document failed validation", "constraint_violation"),
        (10107, "not primary", "connection_failed"),
        (112, "WriteConflict", "lock_timeout"),
        (50, "operation exceeded time limit", "timeout"),
        (48, "Collection already exists", "conflict"),
        (86, "An existing index has the same name", "conflict"),
        (40324, "Unrecognized pipeline stage name: '$foo'", "syntax_error"),
        (20, "Transaction numbers are only allowed on a replica set member or mongos", "migration_failed"),
        (99999, "something new", "migration_failed"),
    ],
)
def test_the_servers_codes_become_the_apps(code: int, message: str, kind: str) -> None:
    error = from_server({"code": code, "message": message})
    assert error.code == kind and error.details["errno"] == code
    assert translate(OperationFailure(message, code, {"errmsg": message})).code == kind
