"""Comments on migrations. They belong to the migrations folder: connections that share it share them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from backend.core.clock import utc_now
from backend.core.errors import Busy, InvalidRequest, NotFound, PermissionDenied
from backend.core.events import EventBus
from backend.core.paths import storage_errors, write_atomically
from backend.core.people import git_user, os_user
from backend.models.comment import LONGEST, CommentEdit, CommentList, CommentView
from backend.services.connections import Connections, Resolved
from backend.services.migrations import MigrationService
from backend.store import comments as store
from backend.store.file_lock import locked
from backend.store.settings import SettingsStore

_T = TypeVar("_T")
_WAIT_S = 10.0
_MERGE = f"{store.FILE} merge=union\n"


class Comments:
    def __init__(
        self,
        connections: Connections,
        migrations: MigrationService,
        settings: SettingsStore,
        events: EventBus,
        locks: Path,
    ) -> None:
        self._connections = connections
        self._migrations = migrations
        self._settings = settings
        self._events = events
        self._locks = locks
        self._counted: dict[Path, tuple[tuple[int, int], dict[str, int]]] = {}

    def list(self, connection: str, version: str | None = None) -> CommentList:
        """Those of one migration, or of the whole folder; oldest first."""
        resolved = self._connections.resolve(connection)
        path = self.path(resolved)
        found = store.read(path)
        names = {one.version: one.name for one in self._migrations.view(connection).migrations}
        wanted = self._version(connection, version) if version is not None else None
        shown = [
            self._shown(one, names.get(one.version))
            for one in sorted(found.comments.values(), key=lambda one: (one.at, one.id))
            if one.deleted_at is None and wanted in (None, one.version)
        ]
        return CommentList(comments=shown, path=str(path), problem=found.problem, writable=not found.lost)

    def add(self, connection: str, version: str, text: str) -> CommentView:
        """Raises MigrationNotFound, InvalidRequest, Conflict where the file must be mended first, StorageFailed."""
        text = _checked(text)
        resolved = self._connections.resolve(connection)
        known = self._version(connection, version)
        now = utc_now()
        comment = store.KeptComment(
            id=uuid.uuid4().hex[:16],
            version=known,
            author=self._me(),
            at=now,
            text=text,
        )

        def change(comments: dict[str, store.KeptComment]) -> store.KeptComment:
            comments[comment.id] = comment
            return comment

        return self._shown(self._change(resolved, change))

    def edit(self, connection: str, comment_id: str, text: str) -> CommentView:
        """What it said before goes into its history. Raises NotFound, PermissionDenied for another's."""
        text = _checked(text)

        def change(comments: dict[str, store.KeptComment]) -> store.KeptComment:
            old = self._mine(comments, comment_id, "edit")
            if old.text == text:
                return old
            before = CommentEdit(at=old.edited_at or old.at, text=old.text)
            update = {"text": text, "edited_at": utc_now(), "history": [*old.history, before]}
            comments[comment_id] = old.model_copy(update=update)
            return comments[comment_id]

        return self._shown(self._change(self._connections.resolve(connection), change))

    def delete(self, connection: str, comment_id: str) -> None:
        """Its text and history go; that it was there stays in the file, or a merge would bring it back."""

        def change(comments: dict[str, store.KeptComment]) -> store.KeptComment:
            old = self._mine(comments, comment_id, "delete")
            update: dict[str, Any] = {"text": "", "history": [], "edited_at": None, "deleted_at": utc_now()}
            comments[comment_id] = old.model_copy(update=update)
            return comments[comment_id]

        self._change(self._connections.resolve(connection), change)

    def counts(self, resolved: Resolved) -> dict[str, int]:
        """How many each version has; empty where the file cannot be read. Cheap while the file is the same."""
        path = self.path(resolved)
        try:
            stat = path.stat()
        except OSError:
            return {}
        mark = (stat.st_mtime_ns, stat.st_size)
        known = self._counted.get(path)
        if known is None or known[0] != mark:
            counts: dict[str, int] = {}
            for one in store.read(path).comments.values():
                if one.deleted_at is None:
                    counts[one.version] = counts.get(one.version, 0) + 1
            known = self._counted[path] = (mark, counts)
        return known[1]

    def renumbered(self, resolved: Resolved, versions: dict[str, str]) -> None:
        """The migrations of these versions have others now; their comments go with them."""
        path = self.path(resolved)
        if not versions or not path.exists():
            return

        def change(comments: dict[str, store.KeptComment]) -> None:
            for key, one in comments.items():
                if one.version in versions:
                    comments[key] = one.model_copy(update={"version": versions[one.version]})

        self._change(resolved, change)

    @staticmethod
    def path(resolved: Resolved) -> Path:
        """Beside the (first) migrations folder."""
        return resolved.migrations_dirs[0].parent / store.FILE

    # -- inside --------------------------------------------------------------------------------------------------

    def _change(self, resolved: Resolved, change: Callable[[dict[str, store.KeptComment]], _T]) -> _T:
        path = self.path(resolved)
        with self.held(resolved):
            found = store.read(path)
            store.must_be_writable(found, path)
            result = change(found.comments)
            is_new = not path.exists()
            store.write(path, found.comments.values())
            if is_new and resolved.stored.adopted is None:
                _merges_by_lines(path.parent)
        self._events.publish("comments:changed", connection=resolved.id)
        return result

    @contextmanager
    def held(self, resolved: Resolved) -> Iterator[None]:
        """One writer of the file at a time on this machine. Raises Busy."""
        path = self.path(resolved)
        with storage_errors(self._locks, "create"):
            self._locks.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:24]
        try:
            with locked(self._locks / f"comments-{name}.lock", _WAIT_S):
                yield
        except TimeoutError:
            raise Busy(f"Another DB Toolkit is writing {path}.", hint="Try again in a moment.") from None

    def _version(self, connection: str, version: str) -> str:
        view = self._migrations.view(connection)
        for one in view.migrations:
            if version in (one.version, one.filename):
                return one.version
        return self._migrations.index(view.resolved).find(version).version

    def _mine(self, comments: dict[str, store.KeptComment], comment_id: str, doing: str) -> store.KeptComment:
        found = comments.get(comment_id)
        if found is None or found.deleted_at is not None:
            raise NotFound("This comment is no longer there.")
        if found.author != self._me():
            raise PermissionDenied(
                f"{found.author} wrote this comment; only its author may {doing} it.",
                hint="Write one of your own below it. Who you are: Settings → General → Author.",
            )
        return found

    def _me(self) -> str:
        return self._settings.current().author or git_user() or os_user()

    def _shown(self, one: store.KeptComment, name: str | None = None) -> CommentView:
        fields = one.model_dump(exclude={"deleted_at"})
        return CommentView(**fields, mine=one.author == self._me(), name=name)


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise InvalidRequest("A comment needs a text.")
    if len(text) > LONGEST:
        raise InvalidRequest(f"A comment may have {LONGEST:,} characters; this one has {len(text):,}.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequest("The text holds half a character.", hint="Remove it and try again.") from None
    return text


def _merges_by_lines(folder: Path) -> None:
    """Tell git to keep both sides' lines; in the app's own folders only."""
    path = folder / ".gitattributes"
    with storage_errors(path, "write"):
        there = path.read_text("utf-8", "replace") if path.exists() else ""
    if _MERGE.strip() not in there.splitlines():
        write_atomically(
            path, (there + ("" if there.endswith("\n") or not there else "\n") + _MERGE).encode()
        )
