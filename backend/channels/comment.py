"""comment:* – what people write to a migration."""

from __future__ import annotations

from backend.models.comment import (
    AddCommentRequest,
    CommentList,
    CommentsRequest,
    CommentView,
    DeleteCommentRequest,
    EditCommentRequest,
)
from backend.models.requests import Done
from backend.rpc.registry import channel
from backend.services import Services


@channel("comment:list")
def list_(services: Services, request: CommentsRequest) -> CommentList:
    """The comments on a migration, or on all of the folder, oldest first."""
    return services.comments.list(request.connection, request.version)


@channel("comment:add")
def add(services: Services, request: AddCommentRequest) -> CommentView:
    """Write a comment, Markdown, under your own name."""
    return services.comments.add(request.connection, request.version, request.text)


@channel("comment:edit")
def edit(services: Services, request: EditCommentRequest) -> CommentView:
    """Change a comment of your own; what it said before is kept."""
    return services.comments.edit(request.connection, request.id, request.text)


@channel("comment:delete")
def delete(services: Services, request: DeleteCommentRequest) -> Done:
    """Take a comment of your own away."""
    services.comments.delete(request.connection, request.id)
    return Done()
