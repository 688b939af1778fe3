"""What MongoDB and a migration's script say: the server's refusals in one process, described by the runner's own words."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

from backend.core.catalogue import entries
from backend.core.errors import AppError
from backend.engine.target import FailedBlock
from backend.engines.mongodb import ENGINE
from tests.drivers.migrate_mongo.project import Project
from tests.errors.case import Case
from tests.errors.mongodb_cases import CASES, SCRIPTS

RUNNER = Path(__file__).parents[2] / "bin" / "runner" / "failure.mjs"
# Read both ways, to hold one against the other.
BOTH = ("duplicate key", "validator", "unknown stage", "id changed")


def ready(project: Project) -> None:
    project.db.users.insert_many([{"_id": 1, "email": "a@x", "age": 3}, {"_id": 2, "email": "b@x", "age": 3}])
    project.db.users.create_index("email", name="by_email")
    schema = {"required": ["n"], "properties": {"n": {"bsonType": "int"}}}
    project.db.create_collection("strict", validator={"$jsonSchema": schema})


def by_the_runner(project: Project, case: Case, number: int) -> AppError:
    for path in project.migrations.glob("*.js"):
        path.unlink()
    name = f"{1000 + number}-case.js"
    project.migration(name, case.sql)
    outcome = project.up(name)
    assert outcome.error_text, f"{case.name} did not fail"
    return project.explain(outcome)


def all_at_once(project: Project) -> dict[str, AppError]:
    """Every case in one file that goes on after each, and prints what the runner would have told."""
    tries = "\n".join(f"await attempt({json.dumps(one.name)}, async () => {{ {one.sql} }});" for one in CASES)
    body = f"""
        const {{ describeFailure }} = await import({json.dumps(RUNNER.as_uri())});
        const attempt = async (name, act) => {{
          try {{ await act(); console.log("TOLD " + JSON.stringify([name, null])); }}
          catch (error) {{
            const told = describeFailure(error, {{ kind: "run", direction: "up" }});
            console.log("TOLD " + JSON.stringify([name, told]));
          }}
        }};
    """
    project.migration("1-all.js", textwrap.dedent(body) + tries)
    outcome = project.up("1-all.js")
    assert not outcome.error_text, outcome.error_text
    lines = [line[5:] for line in project.printed().splitlines() if line.startswith("TOLD ")]
    found = dict(json.loads(line) for line in lines)
    assert not [name for name, told in found.items() if told is None], "these did not fail"
    return {name: ENGINE.explain_failure(FailedBlock(json.dumps(told))) for name, told in found.items()}


def shown(error: AppError) -> tuple[str, object]:
    return error.code, error.details.get("reason")


def test_mongodb_says_why(project: Project) -> None:
    ready(project)
    found = all_at_once(project)
    wrong = {one.name: (shown(found[one.name]), found[one.name].message) for one in CASES
             if shown(found[one.name]) != (one.code, one.reason)}  # fmt: skip
    assert wrong == {} and len(CASES) >= 20
    assert not [name for name, error in found.items() if not error.hint]
    for number, case in enumerate(one for one in CASES if one.name in BOTH):
        alone = by_the_runner(project, case, number)
        assert (shown(alone), alone.message) == (shown(found[case.name]), found[case.name].message)
        assert alone.details["line"] == case.line


def test_a_script_says_why(project: Project) -> None:
    ready(project)
    for number, case in enumerate(SCRIPTS):
        error = by_the_runner(project, case, number)
        assert shown(error) == (case.code, case.reason), (case.name, error.message)
        assert case.line is None or error.details.get("line") == case.line
        assert error.hint and case.reason in entries()
