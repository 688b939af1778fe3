"""Which keys of a table stay, go and come, so that the server prints them in the wanted order. Pure.

The server sorts keys by kind and then by age: what is added comes after what stays. A key that has to come later than it
does is dropped and added in one statement; where it is the same key, the server builds nothing, it only lists it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from backend.engines.mysql.connect import quoted

from .server import Server
from .tabletext import Key, Table

_HIDDEN = (" IGNORED", " /*!80000 INVISIBLE */")


@dataclass(slots=True)
class KeyChanges:
    drops: list[str] = field(default_factory=list)
    adds: list[str] = field(default_factory=list)
    """Clauses that rename, hide and add."""
    later: list[str] = field(default_factory=list)
    """Clauses for statements of their own, after that."""
    kept: tuple[Key, ...] = ()
    """Keys that are there all the time."""
    only_move: bool = False
    """Whether every key that is added was there before, the same."""
    left_over: list[str] = field(default_factory=list)


def key_changes(
    old: Table, new: Table, remade: frozenset[str], server: Server, *, keeps_order: bool
) -> KeyChanges:
    """`remade`: columns that are dropped and added, in small letters; keys over them go with them."""
    made = KeyChanges()
    came_from = _came_from(old, new, remade, server)
    places = {one.name: number for number, one in enumerate(old.keys)}
    in_order = keeps_order or server.is_mariadb
    if in_order:
        kept = [one for group in _by_kind(new) for one in _leading(group, new, came_from, places)]
    else:
        kept = [one for one in new.keys if one.name in came_from]
    staying = {came_from[one.name].name for one in kept}
    for gone in old.keys:
        if gone.name not in staying:
            made.drops.append(
                "DROP PRIMARY KEY" if gone.kind == "PRIMARY" else f"DROP KEY {quoted(gone.name)}"
            )
    for one in kept:
        was = came_from[one.name]
        if was.name != one.name:
            made.adds.append(f"RENAME INDEX {quoted(was.name)} TO {quoted(one.name)}")
        elif was.text != one.text:
            made.adds.append(f"ALTER INDEX {quoted(one.name)} {_sight(one, server)}")
    texts = {one.text for one in old.keys}
    added = [one for one in new.keys if one not in kept]
    apart = set() if server.is_mariadb else _added_apart(added, new, texts)
    for one in added:
        (made.later if one.name in apart else made.adds).append(f"ADD {one.text}")
    made.kept = tuple(one for one in new.keys if one in kept or (one.text in texts and one.name not in apart))
    made.only_move = server.is_mariadb and bool(added) and all(one.text in texts for one in added)
    if not in_order and _printed(kept, added, new, came_from, places) != [
        one.name for group in _by_kind(new) for one in group
    ]:
        made.left_over.append(
            f"The keys of {new.name} stay in the order they have: only building them anew would change it."
        )
    return made


def _came_from(old: Table, new: Table, remade: frozenset[str], server: Server) -> dict[str, Key]:
    """By the new key's name, the old one that becomes it without being built: the same, renamed, or hidden or shown."""
    had = {one.name.lower(): one for one in old.keys}
    wanted = {one.name.lower() for one in new.keys}
    free = {one.shape: one for one in reversed(old.keys) if one.name.lower() not in wanted}
    found: dict[str, Key] = {}
    for one in new.keys:
        was = had.get(one.name.lower())
        if any(column.lower() in remade for column in one.columns):
            continue
        if was is not None and (was.text == one.text or _differs_in_sight(was, one, server)):
            found[one.name] = was
        elif was is None and one.kind != "PRIMARY" and server.renames_indexes and one.shape in free:
            found[one.name] = free.pop(one.shape)
    return found


def _leading(
    group: Sequence[Key], table: Table, came_from: Mapping[str, Key], places: Mapping[str, int]
) -> Iterator[Key]:
    """The longest beginning of the keys of one kind that is there, in that order."""
    last = -1
    added = [one for one in table.keys if one.name not in came_from]
    for one in group:
        place = places[came_from[one.name].name] if one.name in came_from else -1
        if place <= last or _may_be_dropped_unasked(one, added):
            return
        yield one
        last = place


def _may_be_dropped_unasked(key: Key, added: Sequence[Key]) -> bool:
    """An index that the server made for a foreign key goes without a word when another that begins alike comes; named
    in the statement, it stays."""
    return key.kind == "KEY" and any(one.columns[: len(key.columns)] == key.columns for one in added)


def _by_kind(table: Table) -> list[list[Key]]:
    """Keys in the order in which the server prints kinds, those of one kind as they stand."""
    groups: dict[int, list[Key]] = {}
    for one in table.keys:
        groups.setdefault(_rank(one, table), []).append(one)
    return [groups[rank] for rank in sorted(groups)]


def _rank(key: Key, table: Table) -> int:
    if key.kind == "PRIMARY":
        return 0
    if key.kind == "UNIQUE":
        columns = [table.column(name) for name in key.columns]
        return 1 if all(column is not None and column.not_null for column in columns) else 2
    return 4 if key.kind == "FULLTEXT" else 3


def _added_apart(added: Sequence[Key], table: Table, texts: set[str]) -> set[str]:
    """Names of keys that another server would leave where they are if one statement dropped and added them, and of those
    that come after them. The key of a counting column cannot be missing for a moment."""
    found: set[str] = set()
    ranks: set[int] = set()
    for one in added:
        first = table.column(one.columns[0]) if one.columns else None
        counts = first is not None and first.auto_increment
        if (one.text in texts and not counts) or _rank(one, table) in ranks:
            ranks.add(_rank(one, table))
            found.add(one.name)
    return found


def _printed(
    kept: Sequence[Key], added: Sequence[Key], table: Table, came_from: Mapping[str, Key], places: Mapping[str, int]
) -> list[str]:  # fmt: skip
    """The names as the server will print them: what stays by its age, what is added after it."""
    aged = [*sorted(kept, key=lambda key: places[came_from[key.name].name]), *added]
    return [one.name for one in sorted(aged, key=lambda key: _rank(key, table))]


def _differs_in_sight(old: Key, new: Key, server: Server) -> bool:
    """Whether only the optimizer's view of the index differs."""
    return server.hides_indexes and _seen(old.text) == _seen(new.text)


def _seen(text: str) -> str:
    for word in _HIDDEN:
        text = text.removesuffix(word)
    return text


def _sight(key: Key, server: Server) -> str:
    is_hidden = key.text.endswith(_HIDDEN)
    if server.is_mariadb:
        return "IGNORED" if is_hidden else "NOT IGNORED"
    return "INVISIBLE" if is_hidden else "VISIBLE"
