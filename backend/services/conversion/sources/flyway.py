"""Flyway: V, U and R files, script configurations, placeholders; callbacks and Java migrations are named."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence

from backend.services.conversion.model import (
    Found,
    Note,
    Options,
    Reading,
    Row,
    Source,
    SourceFile,
    There,
    is_true,
)

from .placeholders import filled

_CALLBACK = re.compile(r"(before|after)[A-Z]\w*(__.*)?\.sql")
_VERSION = re.compile(r"\d+([._]\d+)*")


def version_key(version: str) -> tuple[int, ...]:
    """Flyway's order: numbers part by part; 1.0 is 1."""
    parts = [int(one) for one in re.split(r"[._]", version)]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def canonical(version: str) -> str:
    return ".".join(str(one) for one in version_key(version))


class Flyway(Source):
    name = "flyway"
    label = "Flyway"
    table = "flyway_schema_history"
    leaves_transaction = True

    def evidence(self, files: Sequence[SourceFile]) -> tuple[int, str]:
        named = [one for one in files if re.match(rf"[VR]({_VERSION.pattern})?__.+\.sql$", one.name)]
        if named:
            return (
                95,
                f"{len(named)} file{'s' if len(named) != 1 else ''} named as {max(named, key=lambda one: one.name[0]).name}",
            )
        if any(one.name in {"flyway.conf", "flyway.toml"} for one in files):
            return 60, "a Flyway configuration"
        return 0, ""

    def read(self, files: Sequence[SourceFile], options: Options) -> Reading:
        settings = _settings(files)
        reading = Reading(table=settings.get("table"))
        v, u, r = (
            re.escape(settings.get(key, default))
            for key, default in (
                ("sqlmigrationprefix", "V"),
                ("undosqlmigrationprefix", "U"),
                ("repeatablesqlmigrationprefix", "R"),
            )
        )
        separator = re.escape(settings.get("sqlmigrationseparator", "__"))
        shape = re.compile(
            rf"(?:(?P<kind>{v}|{u}|B)(?P<version>{_VERSION.pattern})|(?P<again>{r})){separator}(?P<words>.+)\.sql"
        )
        configured = {one.path.removesuffix(".conf"): one for one in files if one.name.endswith(".sql.conf")}
        values = {
            **{
                k.removeprefix("placeholders."): w
                for k, w in settings.items()
                if k.startswith("placeholders.")
            },
            **options.placeholders,
        }
        replaces = settings.get("placeholderreplacement", "true").lower() != "false"
        versioned: list[Found] = []
        repeatable: list[Found] = []
        undos: dict[tuple[int, ...], tuple[str, str, bool, list[Note], list[Note]]] = {}
        for file in files:
            if not file.name.endswith(".sql"):
                if file.name.endswith(".java"):
                    reading.left_out.append(Note(file.path, "A Java migration is not carried over."))
                continue
            hit = shape.fullmatch(file.name)
            if hit is None:
                reading.left_out.append(Note(file.path, _why_not(file.name)))
                continue
            if hit["kind"] == "B":
                reading.left_out.append(
                    Note(
                        file.path,
                        "A baseline migration (B) is not carried over: it stands for the V files up to it.",
                    )
                )
                continue
            text, notes, problems = (
                filled(file.text, values, file.path,
                       prefix=settings.get("placeholderprefix", "${"),
                       suffix=settings.get("placeholdersuffix", "}"))
                if replaces
                else (file.text, [], [])
            )  # fmt: skip
            script = configured.get(file.path)
            transaction = script is None or not re.search(
                r"(?im)^\s*executeInTransaction\s*=\s*false\b", script.text
            )
            if hit["kind"] and hit["kind"] == settings.get("undosqlmigrationprefix", "U"):
                undos[version_key(hit["version"])] = (file.path, text, transaction, notes, problems)
                continue
            words = hit["words"].replace("_", " ")
            again = hit["again"] is not None
            one = Found(
                key=f"R:{words}" if again else canonical(hit["version"]),
                version="" if again else hit["version"],
                name=words,
                files=[file.path],
                up=text,
                transaction=transaction,
                notes=notes,
                problems=problems,
            )
            if again:
                one.notes.append(
                    Note(
                        file.path,
                        "A repeatable migration runs once here, after all others; change it by a new migration.",
                    )
                )
            (repeatable if again else versioned).append(one)
        first: dict[str, Found] = {}
        for one in versioned:
            other = first.setdefault(one.key, one)
            if other is not one:
                one.problems.append(Note(one.files[0], f"{other.files[0]} has this version too."))
            undo = undos.pop(version_key(one.version), None)
            if undo is not None:
                path, one.down, one.transaction_down, notes, problems = undo
                one.files.append(path)
                one.notes += notes
                one.problems += problems
        reading.left_out += [Note(path, "There is no V file of this version.") for path, *_ in undos.values()]
        reading.migrations = [
            *sorted(versioned, key=lambda one: version_key(one.version)),
            *sorted(repeatable, key=lambda one: one.name),
        ]
        return reading

    def state(self, table: str, rows: Sequence[Row], migrations: Sequence[Found]) -> There:
        """Rows in the order of their rank: an undo takes a version back, a baseline covers all up to it."""
        there = There(table)
        known = {one.key: one for one in migrations}
        for row in sorted(rows, key=lambda one: int(one.get("installed_rank") or 0)):
            kind, version = (row.get("type") or "").upper(), row.get("version")
            if kind in {"SCHEMA", "DELETE"}:
                continue
            if kind in {"BASELINE", "SQL_BASELINE"} and version and _VERSION.fullmatch(version):
                there.applied |= {
                    one.key
                    for one in migrations
                    if one.version and version_key(one.version) <= version_key(version)
                }
                continue
            is_version = version is not None and _VERSION.fullmatch(version)
            key = canonical(version) if is_version and version else f"R:{row.get('description') or ''}"
            if kind.startswith("UNDO"):
                there.applied.discard(key)
            elif not is_true(row.get("success")):
                there.applied.discard(key)
                (there.failed.add(key) if key in known else there.unknown.append(f"{key} (failed)"))
            elif key in known:
                there.failed.discard(key)
                there.applied.add(key)
            elif key not in there.unknown:
                there.unknown.append(key)
        return there


def _why_not(name: str) -> str:
    if _CALLBACK.fullmatch(name):
        return "A callback is not carried over: dbmate has none."
    return "Its name is not one of Flyway's (V1__name.sql, U1__name.sql, R__name.sql)."


def _settings(files: Sequence[SourceFile]) -> dict[str, str]:
    """Of flyway.conf or flyway.toml, keys in lower case without `flyway.`."""
    found: dict[str, str] = {}
    for file in files:
        if file.name == "flyway.conf":
            for line in file.text.splitlines():
                key, equals, value = line.strip().partition("=")
                if equals and not key.startswith("#"):
                    found[key.strip().removeprefix("flyway.").lower()] = value.strip()
        elif file.name == "flyway.toml":
            try:
                top = tomllib.loads(file.text).get("flyway", {})
            except tomllib.TOMLDecodeError:
                continue
            found |= _flat(top if isinstance(top, dict) else {})
    return found


def _flat(table: Mapping[str, object], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{before}{key.lower()}.")
        elif isinstance(value, bool | int | str):
            found[before + key.lower()] = str(value)
    return found


SOURCE = Flyway()
