"""MongoDB's rules, over a JavaScript and TypeScript tree. Reads; never runs anything of a migration."""

from __future__ import annotations

from backend.engine.lint.engine_lint import EngineLint
from backend.models.connection import EngineName

from . import collections, config, down, indexes, modules, process, promises, sessions, updates, writes
from .meaning import meaning
from .reader import comments, prepare, read_half

RULES = (
    *promises.RULES,
    *sessions.RULES,
    *writes.RULES,
    *updates.RULES,
    *collections.RULES,
    *indexes.RULES,
    *process.RULES,
    *modules.RULES,
    *down.RULES,
    *config.RULES,
)

LINT = EngineLint(
    EngineName.MONGODB,
    None,
    read=read_half,
    rules=RULES,
    quote=lambda name: name,
    shared=False,
    comments=comments,
    prepare=prepare,
    meaning=meaning,
)
