"""The error tree. Every error a user can meet is an `AppError` with a stable code from the catalogue.

Errors are translated at the border (`engines/*/errors.py`, `drivers/*`) and caught in one place (`rpc/dispatch.py`).
"""

from __future__ import annotations

from typing import Any, ClassVar


class AppError(Exception):
    """An error with a stable `code`, a short `title`, a plain `message` and a `hint` saying what to do.

    `details` crosses the wire as JSON: no secrets, no objects. `docs` is a page name under docs/ (`errors#code`).
    """

    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong inside DB Toolkit"
    default_hint: ClassVar[str | None] = None

    def __init__(self, message: str, *, hint: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint if hint is not None else self.default_hint
        self.details: dict[str, Any] = details

    @property
    def docs(self) -> str:
        return f"errors#{self.code}"


class InternalError(AppError):
    default_hint = "The log has the details: Settings → About → Open the log folder."


class InvalidRequest(AppError):
    code = "invalid_request"
    title = "The request is not valid"


class NotFound(AppError):
    code = "not_found"
    title = "Not found"


class ConnectionNotFound(NotFound):
    code = "connection_not_found"
    title = "No such connection"


class InvalidUrl(AppError):
    code = "invalid_url"
    title = "The database URL is not valid"


class ConnectionFailed(AppError):
    code = "connection_failed"
    title = "The database cannot be reached"
    default_hint = (
        "Check host and port, and that the server is running and accepts connections from this machine."
    )


class AuthenticationFailed(AppError):
    code = "authentication_failed"
    title = "The server refused the user or password"
    default_hint = "Check the user name and password of this connection."


class PasswordNeeded(AppError):
    """The connection asks for its password at each start. `details.unlock` is true."""

    code = "password_needed"
    title = "The password is needed"
    default_hint = "Give the password: connection:unlock, or the lock beside the connection's name."


class PermissionDenied(AppError):
    code = "permission_denied"
    title = "The user may not do this"


class DatabaseMissing(AppError):
    code = "database_missing"
    title = "The database does not exist"
    default_hint = "Create it (Database → Create) or correct its name in the connection."


class SqlFailed(AppError):
    """A statement the server refused. `details` may hold file, line, column (of the *file*), sqlstate, statement."""

    code = "migration_failed"
    title = "The migration failed"


class SyntaxProblem(SqlFailed):
    code = "syntax_error"
    title = "The server cannot read this statement"


class ConstraintViolation(SqlFailed):
    code = "constraint_violation"
    title = "A constraint was violated"


class LockTimeout(SqlFailed):
    code = "lock_timeout"
    title = "Another session holds a lock that is needed"


class TimedOut(AppError):
    code = "timeout"
    title = "It took longer than allowed"


class MigrationFailed(AppError):
    """A run stopped at a file. `details.run` is the whole Run; `details.cause` the engine's error."""

    code = "migration_failed"
    title = "The migration failed"


class MigrationInvalid(AppError):
    code = "migration_invalid"
    title = "A migration file is not valid"


class MigrationNotFound(NotFound):
    code = "migration_not_found"
    title = "No such migration"


class MigrationApplied(AppError):
    code = "migration_applied"
    title = "The migration is applied"


class OutOfOrder(AppError):
    code = "out_of_order"
    title = "A pending migration is older than the newest applied one"


class RehearsalRequired(AppError):
    """The connection demands a passed rehearsal. `details`: `files`, `why` by filename, `versions` of the whole plan."""

    code = "rehearsal_required"
    title = "These files must be rehearsed first"


class EditedOnDisk(AppError):
    """The file changed since it was read. `details`: `expected_sha256`, `actual_sha256`, `content` now on disk."""

    code = "edited_on_disk"
    title = "The file changed on disk"


class ConfirmationRequired(AppError):
    """Consent is needed. `details.confirm` is the text to send back, `details.losses` what would be lost."""

    code = "confirmation_required"
    title = "Please confirm"


class ReadOnly(AppError):
    code = "read_only"
    title = "The connection is read-only"
    default_hint = "Switch off read-only in the connection's settings if this is intended."


class Busy(AppError):
    """Another run holds the connection or the database. `details`: `holder` {host, user, pid, since} where known."""

    code = "busy"
    title = "Another run is under way"


class ToolMissing(AppError):
    code = "tool_missing"
    title = "A tool is missing"
    default_hint = "Run `python main.py self-check` to see each bundled part, then `make setup` to fetch what is missing."


class NotSupported(AppError):
    """The engine cannot do this; `message` is the reason its capability gives."""

    code = "not_supported"
    title = "This engine cannot do that"


class StorageFailed(AppError):
    """A folder or file of the app or of the project cannot be read or written. `details.path`."""

    code = "storage_failed"
    title = "A file or folder cannot be used"


class DiskFull(StorageFailed):
    code = "disk_full"
    title = "The disk is full"


class Conflict(AppError):
    code = "conflict"
    title = "That is already taken"


class SchemaInvalid(AppError):
    """A schema's text that its engine refuses. `details.line` in it, `details.statement`."""

    code = "schema_invalid"
    title = "The schema cannot be loaded"


class ChangedMeanwhile(Conflict):
    """What a request was made for is not what is there any more."""

    title = "It has changed meanwhile"


class Cancelled(AppError):
    code = "cancelled"
    title = "Cancelled"


class BackupFailed(AppError):
    code = "backup_failed"
    title = "The backup failed"
