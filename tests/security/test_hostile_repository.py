"""A git repository whose config names programs: looking at it, adopting it and running its migrations starts none."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.drivers import git_authors, git_show
from tests.kit import Toolkit
from tests.security.marks import Mark

FILE = "20260101000000_users.sql"
TEXT = "-- migrate:up\nCREATE TABLE users (id INTEGER);\n\n-- migrate:down\nDROP TABLE users;\n"


def git(folder: Path, *words: str) -> str:
    said = subprocess.run(
        ["git", "-c", "user.name=Eve", "-c", "user.email=eve@example.com", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.strip()


@pytest.fixture
def mark(tmp_path: Path) -> Mark:
    return Mark(tmp_path / "attacker")


@pytest.fixture
def repository(tmp_path: Path, mark: Mark) -> Iterator[Path]:
    """Everything in a repository's config and hooks that can start a program starts the attacker's."""
    root = tmp_path / "hostile"
    folder = root / "db" / "migrations"
    folder.mkdir(parents=True)
    (folder / FILE).write_text(TEXT)
    (root / ".env").write_text(f"DATABASE_URL=sqlite:{tmp_path / 'a.db'}\n")
    (root / ".gitattributes").write_text("*.sql filter=evil diff=evil merge=evil\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    git(root, "mv", f"db/migrations/{FILE}", f"db/migrations/{FILE}.old")
    git(root, "commit", "-qm", "moved")
    git(root, "mv", f"db/migrations/{FILE}.old", f"db/migrations/{FILE}")
    git(root, "commit", "-qm", "moved back")
    for name, value in {
        "core.fsmonitor": str(mark.script),
        "core.sshCommand": str(mark.script),
        "core.pager": str(mark.script),
        "core.editor": str(mark.script),
        "core.askPass": str(mark.script),
        "core.hooksPath": str(mark.script.parent),
        "core.gitProxy": str(mark.script),
        "diff.external": str(mark.script),
        "diff.evil.textconv": str(mark.script),
        "diff.evil.command": str(mark.script),
        "filter.evil.clean": str(mark.script),
        "filter.evil.smudge": str(mark.script),
        "filter.evil.process": str(mark.script),
        "gpg.program": str(mark.script),
        "log.showSignature": "true",
        "credential.helper": f"!{mark.script}",
        "protocol.ext.allow": "always",
        "protocol.file.allow": "always",
        "alias.log": f"!{mark.script}",
        "alias.cat-file": f"!{mark.script}",
    }.items():
        git(root, "config", name, value)
    for hook in ("post-checkout", "pre-auto-gc", "post-index-change", "reference-transaction", "fsmonitor"):
        path = root / ".git" / "hooks" / hook
        path.write_text(mark.script.read_text())
        path.chmod(0o755)
    os.link(mark.script, mark.script.parent / "post-checkout")
    mark.clear()
    yield root
    assert not mark.is_left, "the repository's config has started a program"


def lose(root: Path, remote: str, **config: str) -> None:
    """Make it a partial clone that lacks the migration's content, so that git wants to fetch it from `remote`."""
    blob = git(root, "rev-parse", f"HEAD:db/migrations/{FILE}")
    (root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none",
        "remote.origin.url": remote,
        **config,
    }.items():
        git(root, "config", name.replace("__", "."), value)


def look(toolkit: Toolkit, root: Path) -> None:
    """All that DB Toolkit does with a repository."""
    toolkit.call("connection:inspect-folder", path=str(root))
    toolkit.call("migration:detect-type", path=str(root))
    shop = toolkit.adopt(root)
    shop.status()
    shop.call("migration:list")
    for envelope in (
        toolkit.envelope(
            "schema:compare",
            **{"from": {"connection": shop.id}, "to": {"migrations": shop.id, "revision": "HEAD"}},
        ),
        toolkit.envelope("migration:read", connection=shop.id, version=FILE),
    ):
        assert envelope["ok"] or envelope["error"]["code"] != "internal_error", envelope
    git_authors.authors_of(root / "db" / "migrations")
    assert shop.up()["ok"]
    shop.call("history:list")


def test_nothing_that_the_config_names_is_started(toolkit: Toolkit, repository: Path) -> None:
    look(toolkit, repository)
    assert git_authors.authors_of(repository / "db" / "migrations") == {FILE: "Eve"}
    assert git_show.read(repository / "db" / "migrations" / FILE, "HEAD") == TEXT.encode()


@pytest.mark.parametrize("way", ["ext", "uploadpack", "ssh"])
def test_a_missing_object_is_not_fetched(toolkit: Toolkit, repository: Path, mark: Mark, way: str) -> None:
    """Else git would run the remote's program in the middle of a plain `cat-file` or `log`."""
    remote = {
        "ext": f"ext::{mark.script}",
        "uploadpack": str(repository),
        "ssh": "ssh://example.invalid/x",
    }[way]
    lose(repository, remote, remote__origin__uploadpack=str(mark.script))
    asked = subprocess.run(["git", "show", f"HEAD:db/migrations/{FILE}"], cwd=repository, capture_output=True)
    assert asked.returncode != 0 and mark.is_left, "bare git does start it, or this test tests nothing"
    mark.clear()
    look(toolkit, repository)


@pytest.mark.parametrize(
    "revision", ["--output=/tmp/x", "-p", "--upload-pack=x", "", "a\nb", "HEAD:../../x", "@{-1}"]
)
def test_a_revision_is_never_an_option(toolkit: Toolkit, repository: Path, revision: str) -> None:
    shop = toolkit.adopt(repository)
    answer = toolkit.envelope(
        "schema:compare",
        **{"from": {"connection": shop.id}, "to": {"migrations": shop.id, "revision": revision}},
    )
    assert not answer["ok"] and answer["error"]["code"] in {"invalid_request", "not_found"}, answer
