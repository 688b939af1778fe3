"""Files as they were in a git revision. The repository is only read; no hook, filter or external program runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from backend.core.errors import InvalidRequest, NotFound, StorageFailed

from .git_safe import open_repository

_LARGEST = 64 << 20


def read(path: Path, revision: str) -> bytes | None:
    """One file's bytes in `revision`; None where it was not there. Raises NotFound, InvalidRequest."""
    with _repository(path.parent) as repository:
        tree = _tree(repository, revision)
        try:
            blob = tree / _inside(repository, path)
        except KeyError:
            return None
        return _bytes(blob) if blob.type == "blob" else None


def files(folder: Path, revision: str) -> dict[str, bytes]:
    """Name → bytes of the files right in `folder`, as in `revision`."""
    with _repository(folder) as repository:
        tree = _tree(repository, revision)
        inside = _inside(repository, folder)
        try:
            found = tree / inside if inside != "." else tree
        except KeyError:
            return {}
        return {blob.name: _bytes(blob) for blob in found.blobs} if found.type == "tree" else {}


def _repository(folder: Path) -> Any:
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    import git

    try:
        return open_repository(folder)
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        raise NotFound(f"{folder} is not in a git repository.") from None


def _tree(repository: Any, revision: str) -> Any:
    import git

    if revision.startswith("-") or not revision.strip() or any(ord(char) < 32 for char in revision):
        raise InvalidRequest(f"{revision[:80]!r} is not a revision.")
    try:
        return repository.commit(revision).tree
    except (git.BadName, git.GitCommandError, ValueError, IndexError, KeyError, AttributeError):
        raise NotFound(f"There is no revision {revision[:80]} in this repository.") from None


def _inside(repository: Any, path: Path) -> str:
    place, root = path.resolve(), repository.working_tree_dir
    if root is None or not place.is_relative_to(Path(root).resolve()):
        raise NotFound(f"{path} is not among the files of its git repository.")
    return place.relative_to(Path(root).resolve()).as_posix()


def _bytes(blob: Any) -> bytes:
    try:
        size = blob.size
        if size > _LARGEST:
            raise InvalidRequest(f"{blob.name} is larger than {_LARGEST >> 20} MB in this revision.")
        data: bytes = blob.data_stream.read()
    except ValueError:
        # A partial or damaged clone: it is not fetched, for that could run what the repository's config names.
        raise StorageFailed(
            f"The repository does not have the content of {blob.name} in this revision.",
            hint="In a partial clone `git fetch --refetch` gets it; else the clone is damaged.",
        ) from None
    return data
