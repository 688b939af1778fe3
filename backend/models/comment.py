"""Comments on migrations, as comments.json beside the migrations folder keeps them."""

from __future__ import annotations

from pydantic import Field

from .base import Model, Moment
from .requests import OfConnection

LONGEST = 20_000


class CommentEdit(Model):
    """What a comment said before it was edited."""

    at: Moment
    """When it was written so."""
    text: str


class Comment(Model):
    id: str
    version: str
    """The migration's version (MongoDB: its filename)."""
    author: str
    at: Moment
    text: str
    """Markdown."""
    edited_at: Moment | None = None
    history: list[CommentEdit] = Field(default_factory=list)
    """Oldest first."""


class CommentView(Comment):
    mine: bool
    """Whether the one who asks wrote it: only then it may be edited or deleted."""
    name: str | None = None
    """The migration's name; null where it is gone."""


class CommentsRequest(OfConnection):
    version: str | None = None
    """Version or filename; null: all comments of the folder."""


class CommentList(Model):
    comments: list[CommentView]
    """Oldest first."""
    path: str
    """The file they are kept in."""
    problem: str | None = None
    """What is wrong with the file, in a plain sentence; the comments are those that could be read."""
    writable: bool = True
    """False where the file must be mended by hand before anything is added to it."""


class AddCommentRequest(OfConnection):
    version: str
    text: str


class EditCommentRequest(OfConnection):
    id: str
    text: str


class DeleteCommentRequest(OfConnection):
    id: str
