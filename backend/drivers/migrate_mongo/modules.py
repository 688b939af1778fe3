"""The modules a migration asks for by a written-out name, and which of them are not there. Reads; never runs anything.

Looked for as the runner finds them: from the file's folder, as Node does, then by what the runner lends (`mongodb` in a
folder without node_modules, `./models` for `models.ts`). Where that cannot be told, a module counts as there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from backend.engine.lint.facts import Absence
from backend.engine.tool import ParsedFile

from .grammar import Document, named, text
from .names import FUNCTIONS, string

if TYPE_CHECKING:
    from tree_sitter import Node

_ASKS = re.compile(rb"\b(?:require|import|export)\b")
_EXTENSIONS = (".js", ".cjs", ".mjs", ".json", ".ts", ".cts", ".mts", ".node")
_LENT = frozenset({"mongodb", "migrate-mongo", "bson", "dotenv"})
"""The runner gives these where the project has none: bin/runner/packages.mjs."""
_OF_NODE = re.compile(
    "assert|async_hooks|buffer|child_process|cluster|console|constants|crypto|dgram|diagnostics_channel|dns|domain|"
    "events|fs|http2?|https|inspector|module|net|os|path|perf_hooks|process|punycode|querystring|readline|repl|stream|"
    "string_decoder|sys|timers|tls|trace_events|tty|url|util|v8|vm|wasi|worker_threads|zlib"
)
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:")
_ASKED_IN = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def asked_for(document: Document, source: bytes) -> Iterator[tuple[str, Node]]:
    """(module, the literal that names it) of each `require('x')`, `import 'x'`, `import('x')` and `export … from 'x'`.

    Left out is what may fail: inside `try`, for types alone, or by a `require` that is not Node's own.
    """
    if not any(word in source for word in (b"require", b"import", b"from")):
        return
    found = [_asking(document.root, *match.span()) for match in _ASKS.finditer(source)]
    is_own = any(_is_declared_elsewhere(node) for node in found)
    for node in found:
        literal = _literal(node)
        if literal is None or (node.type == "identifier" and is_own) or _may_fail(node):
            continue
        yield string(literal), literal


def absent_modules(parsed: ParsedFile) -> tuple[tuple[str, Absence], ...]:
    """Which of the file's modules are not there, seen from its folder; nothing where there is no such folder."""
    folder = parsed.path.parent
    if not parsed.modules or not folder.is_dir():
        return ()
    found = []
    for name in sorted(set(parsed.modules)):
        absence = _absence(name, folder)
        if absence is not None and (real := folder.resolve()) != folder.absolute():
            # Node looks from where a linked folder really is.
            absence = _absence(name, real)
        if absence is not None:
            found.append((name, absence))
    return tuple(found)


# -- the file ----------------------------------------------------------------------------------------------------


def _asking(root: Node, start: int, end: int) -> Node:
    """The node of a word; of the `import` in `import('x')` the one that is called."""
    node = root.descendant_for_byte_range(start, end) or root
    return node.parent if node.parent is not None and node.parent.type == "import" else node


def _literal(node: Node) -> Node | None:
    """The literal after one of the words, where the word asks for a module; None where it does not, or it is computed."""
    holder = node.parent
    if holder is None:
        return None
    if holder.type in ("import_statement", "export_statement") and node.type in ("import", "export"):
        if any(child.type == "type" for child in holder.children):
            return None
        return _plain(holder.child_by_field_name("source"))
    if holder.type != "call_expression" or holder.child_by_field_name("function") != node:
        return None
    if node.type != "import" and text(node) != "require":
        return None
    given = holder.child_by_field_name("arguments")
    return _plain(next(named(given), None)) if given is not None else None


def _plain(node: Node | None) -> Node | None:
    if node is None or node.type not in ("string", "template_string"):
        return None
    return None if any(child.type == "template_substitution" for child in node.children) else node


def _is_declared_elsewhere(node: Node) -> bool:
    """Is `require` another one here than that of this file's folder?"""
    holder = node.parent
    if holder is None or node.type != "identifier" or text(node) != "require":
        return False
    if holder.type == "variable_declarator" and holder.child_by_field_name("name") == node:
        value = text(holder.child_by_field_name("value"))
        return not any(word in value for word in ("import.meta.url", "__filename"))
    return holder.type in ("formal_parameters", "required_parameter") or (
        holder.type in FUNCTIONS and holder.child_by_field_name("name") == node
    )


def _may_fail(node: Node) -> bool:
    """Inside a `try` that catches, or followed by `.catch(…)`."""
    below, current = node, node.parent
    while current is not None:
        if current.type == "try_statement" and current.child_by_field_name("handler") is not None:
            if current.child_by_field_name("body") == below:
                return True
        elif current.type == "member_expression" and text(current.child_by_field_name("property")) == "catch":
            return True
        below, current = current, current.parent
    return False


# -- the folder --------------------------------------------------------------------------------------------------


def _absence(name: str, folder: Path) -> Absence | None:
    if name.startswith((".", "/")) or Path(name).is_absolute():
        return None if _is_file(folder / name) else "absent"
    # `#name` is what package.json makes of it, and a URL is not looked for in folders.
    if not name or name.startswith("#") or _SCHEME.match(name):
        return None
    package = "/".join(name.split("/")[: 2 if name.startswith("@") else 1])
    if package in _LENT or _OF_NODE.fullmatch(package):
        return None
    is_asked_for = False
    for above in (folder, *folder.parents):
        if (above / "node_modules" / package).exists() or (
            above / "node_modules" / f"{package}.js"
        ).is_file():
            return None
        if _resolves_by_itself(above):
            return None
        about = _package(above / "package.json")
        if about and about.get("name") == package:
            return None
        is_asked_for = is_asked_for or any(package in _mapping(about.get(one)) for one in _ASKED_IN)
    return "not_installed" if is_asked_for else "absent"


def _is_file(wanted: Path) -> bool:
    """The file itself, one with an extension, a folder's index or package; `x.js` also where it is written as `x.ts`."""
    stem = wanted.with_suffix("") if wanted.suffix in (".js", ".cjs", ".mjs") else wanted
    if wanted.is_file() or any(
        Path(f"{one}{end}").is_file() for one in (wanted, stem) for end in _EXTENSIONS
    ):
        return True
    return (wanted / "package.json").is_file() or any(
        (wanted / f"index{end}").is_file() for end in _EXTENSIONS
    )


def _resolves_by_itself(folder: Path) -> bool:
    """Do names mean something else below this folder: Yarn's Plug'n'Play, a compiler's `paths`?"""
    if any((folder / name).is_file() for name in (".pnp.cjs", ".pnp.js", ".pnp.loader.mjs")):
        return True
    for name in ("tsconfig.json", "jsconfig.json"):
        try:
            said = (folder / name).read_text("utf-8", "replace")
        except OSError:
            continue
        # Such a file may have comments and inherit from another: it is enough that it says something of the kind.
        if any(word in said for word in ('"paths"', '"baseUrl"', '"extends"')):
            return True
    return False


def _package(path: Path) -> dict[str, object]:
    try:
        stat = path.stat()
    except OSError:
        return {}
    return _read_package(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _read_package(path: Path, _changed: int, _size: int) -> dict[str, object]:
    try:
        return _mapping(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return {}


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


__all__ = ["absent_modules", "asked_for"]
