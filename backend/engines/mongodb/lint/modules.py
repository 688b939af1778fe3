"""Modules a migration asks for that are not there. Reads a tree; which are there is given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from backend.drivers.migrate_mongo.modules import asked_for
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.models.connection import EngineName
from backend.models.finding import Severity

from .code import Code
from .reader import JsHalf
from .say import js

_set = RuleSet(EngineName.MONGODB)
rule = _set.rule
_NOTHING_TO_RUN = "what helps is a file or an installation, not another line of code"
_HELPERS = "const { names } = require('./helpers');\n"


@rule(
    "mongo-module-missing",
    scope=Scope.FILE,
    words=("require", "import", "export"),
    title="Asks for a module that is not there",
    severity=Severity.HIGH,
    harm="The run stops here with “Cannot find module”; what was written before it stays.",
    advice="Put the file where it is asked for, or install the package in the project.",
    origin=("eslint: import/no-unresolved, n/no-missing-require, n/no-missing-import",),
    bad=(
        Bad(
            content=js("await db.collection('a').insertMany(names); // ./other", before=_HELPERS),
            hits=1,
            absent_modules={"./helpers": "absent"},
            runs_safe_form=False,
            why_not=_NOTHING_TO_RUN,
        ),
        Bad(
            content="import lodash, { map } from\n  'lodash';\nexport { down } from './down.js';\nexport async function up(db) {\n"
            "  // import('nothing')\n  const { seed } = await import(/* the seeds */ `../seeds`);\n  await seed(db, map);\n}\n",
            hits=3,
            absent_modules={"lodash": "not_installed", "./down.js": "absent", "../seeds": "absent"},
            runs_safe_form=False,
            why_not=_NOTHING_TO_RUN,
        ),
    ),
    good=(
        # Where the folder is not known, nothing is.
        Good(content=js("await db.collection('a').insertMany(names);", before=_HELPERS)),
        Good(
            content=js("await db.collection('a').insertOne({ a: \"require('./helpers')\" }); // require('./helpers')"),
            absent_modules={"./helpers": "absent"},
        ),
        Good(
            content=js("const one = require('./' + name);\nconst two = require(`./${name}`);\nrequire.resolve('./helpers');"),
            absent_modules={"./helpers": "absent", "./": "absent", "./${name}": "absent"},
        ),
        Good(
            content=js("let extra = null;\ntry { extra = require('./helpers'); } catch { extra = {}; }"),
            absent_modules={"./helpers": "absent"},
        ),
        Good(
            content=js("await db.collection('a').findOne({});", before="const require = (name) => name;\n" + _HELPERS),
            absent_modules={"./helpers": "absent"},
        ),
    ),
)  # fmt: skip
def module_missing(at: At) -> Iterator[Hit]:
    absent = at.context.absent_modules
    if not absent:
        return
    code = _code(at)
    for name, literal in asked_for(code.script.document, code.data):
        reason = absent.get(name)
        if reason is None:
            continue
        span = code.span(literal)
        if reason == "not_installed":
            yield Hit(
                f"package.json asks for {name}, but it is not installed: no node_modules from here upwards has it.",
                file_span=span,
                severity=Severity.MEDIUM,
                unknown=True,
                advice="Install the project's packages where the migrations run: npm install.",
            )
        elif name.startswith((".", "/")):
            yield Hit(f"There is no file {name}, seen from this migration's folder.", file_span=span)
        else:
            yield Hit(
                f"There is no package {name}: no node_modules from here upwards has it, and no package.json asks for it.",
                file_span=span,
            )


def _code(at: At) -> Code:
    for half in at.source.halves:
        if isinstance(half, JsHalf) and half.code is not None:
            return half.code
    suffix = PurePosixPath(at.source.filename).suffix
    return Code(at.source.content, typescript=suffix in (".ts", ".mts", ".cts"))


RULES = tuple(_set.rules)
