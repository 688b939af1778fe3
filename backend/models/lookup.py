"""Where something is: the migrations that made or changed a named object, and places of a text in all files."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Model

PlaceKind = Literal["created", "altered", "renamed", "dropped"]


class DefinitionPlace(Model):
    """One statement that made or changed what was asked for. Line and column are of the file, both from 1."""

    version: str
    name: str
    """The migration's name."""
    filename: str
    line: int
    column: int
    statement: str
    """As it is written, cut to some hundred characters."""
    kind: PlaceKind
    object: str
    """What it is about: table, column, index, view, collection, …"""
    object_name: str
    """As it was called there: another name where it was renamed since."""


class Definition(Model):
    """`places`: what created it first, then everything else, newest first. Empty where no file speaks of it."""

    places: list[DefinitionPlace] = Field(default_factory=list)
    unread: int = 0
    """Statements that name it and were not understood: the list may lack them."""


class SearchMatch(Model):
    """One place of the text. `before` and `after` are what stands around it in its line, cut where that is long."""

    version: str
    name: str
    filename: str
    line: int
    column: int
    text: str
    before: str
    after: str
    half: Literal["up", "down"] | None = None
    """None: before the first half, or between two functions."""


class SearchResult(Model):
    """The first `limit` places, newest file first. A regular expression counts one place a line."""

    matches: list[SearchMatch] = Field(default_factory=list)
    total: int = 0
    files: int = 0
    """Files with at least one place."""
    truncated: bool = False
