"""Searching and filtering the list: what is typed and what is chosen, over the files' form and their full text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backend.models.migration import Migration, MigrationFlag, MigrationStatus

from .search_query import Term, day_of, read_query
from .views import View, Views

# Letters follow each other faster than anybody edits files; what the watch tells ends this at once.
_FILES_MAY_BE_OLD_S = 0.5
_SPACE = re.compile(r"\s+")

Test = Callable[[Migration], bool]


@dataclass(frozen=True, slots=True)
class Criteria:
    """Everything given must hold; of several values of one kind, one is enough."""

    query: str | None = None
    status: MigrationStatus | Sequence[MigrationStatus] | None = None
    flags: Sequence[MigrationFlag] | None = None
    applied_from: datetime | None = None
    applied_to: datetime | None = None
    name: str | None = None
    author: str | Sequence[str] | None = None
    table: str | Sequence[str] | None = None


class Listing:
    def __init__(self, views: Views) -> None:
        self._views = views

    def page(
        self, connection: str, criteria: Criteria, *, offset: int = 0, limit: int = 200, order: str = "oldest"
    ) -> tuple[list[Migration], int]:
        """One page of those that match, and how many there are in all."""
        found = self._matching(connection, criteria)
        if order == "newest":
            found = found[::-1]
        return list(found[offset : offset + limit]), len(found)

    def find(self, connection: str, criteria: Criteria) -> list[str]:
        """The filenames of all that match, oldest first: for a screen that has the migrations already."""
        return [one.filename for one in self._matching(connection, criteria)]

    def _matching(self, connection: str, criteria: Criteria) -> Sequence[Migration]:
        view = self._views.view(connection, max_age_s=_FILES_MAY_BE_OLD_S)
        found: Sequence[Migration] = view.migrations
        for test in _tests(criteria, view):
            found = [one for one in found if test(one)]
        return found


def _tests(criteria: Criteria, view: View) -> Iterable[Test]:
    """The cheap ones first: the texts are searched only of what is left."""
    if criteria.status:
        wanted = set(_many(criteria.status))
        yield lambda one: one.status in wanted
    if criteria.flags:
        flags = set(criteria.flags)
        yield lambda one: not flags.isdisjoint(one.flags)
    if criteria.applied_from or criteria.applied_to:
        yield _applied_between(_aware(criteria.applied_from), _aware(criteria.applied_to))
    if criteria.name:
        yield _in_name(criteria.name)
    if criteria.author:
        yield _any(_by(author) for author in _many(criteria.author))
    if criteria.table:
        yield _any(_touches(table) for table in _many(criteria.table))
    if criteria.query:
        terms = read_query(criteria.query)
        for term in sorted(terms, key=lambda one: one.key is None):
            test = _test_of(term, view)
            yield _not(test) if term.excluded else test


def _test_of(term: Term, view: View) -> Test:
    value = term.value
    match term.key:
        case "status":
            # While it is typed, `status:pen` is as good as the whole word.
            return lambda one: one.status.startswith(value.lower())
        case "flag":
            beginning = value.lower().replace("-", "_").replace(" ", "_")
            return lambda one: any(flag.startswith(beginning) for flag in one.flags)
        case "table":
            return _touches(value)
        case "author":
            return _by(value)
        case "name":
            return _in_name(value)
        case "version":
            return lambda one: one.version.startswith(value)
        case "after":
            return _applied_between(day_of(value), None) if day_of(value) else _nothing
        case "before":
            day = day_of(value)
            return _applied_between(None, day - timedelta(microseconds=1)) if day else _nothing
    return _in_text(value, view)


def _in_text(value: str, view: View) -> Test:
    """In the filename or the file. A phrase matches across any white space."""
    scan = view.scan
    texts = scan.texts
    words = value.lower().split()
    if not words:
        return _everything
    phrase = re.compile(r"\s+".join(map(re.escape, words))) if len(words) > 1 else None
    # Rare words are long, or have digits. Almost every file fails at this one, so it comes first.
    first = max(words, key=lambda word: (any(map(str.isdigit, word)), len(word)))

    def has(text: str) -> bool:
        return first in text and (
            phrase is None or (all(map(text.__contains__, words)) and phrase.search(text) is not None)
        )

    def is_in(one: Migration) -> bool:
        name = one.filename
        text = texts.get(name) or name.lower()
        if first in text and (phrase is None or has(text)):
            return True
        return name in scan.longer and has(scan.rest_of(name))

    return is_in


def _in_name(value: str) -> Test:
    wanted = _SPACE.sub("_", value.lower())
    return lambda one: wanted in one.filename.lower() or value.lower() in one.name.lower()


def _by(author: str) -> Test:
    wanted = author.casefold()
    return lambda one: one.author is not None and wanted in one.author.casefold()


def _touches(table: str) -> Test:
    """The exact name: `users` also of `app.users`, `app.users` only of that schema."""
    wanted = table.casefold()
    if "." in wanted:
        return lambda one: any(name.casefold() == wanted for name in one.tables)
    return lambda one: any(name.casefold().rpartition(".")[2] == wanted for name in one.tables)


def _applied_between(low: datetime | None, high: datetime | None) -> Test:
    def is_between(one: Migration) -> bool:
        at = one.applied_at
        return at is not None and (low is None or at >= low) and (high is None or at <= high)

    return is_between


def _any(tests: Iterable[Test]) -> Test:
    choices = list(tests)
    return choices[0] if len(choices) == 1 else lambda one: any(test(one) for test in choices)


def _not(test: Test) -> Test:
    return lambda one: not test(one)


def _nothing(_: Migration) -> bool:
    return False


def _everything(_: Migration) -> bool:
    return True


def _many(given: str | Sequence[str]) -> Sequence[str]:
    return [given] if isinstance(given, str) else given


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
