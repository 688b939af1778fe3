"""app:* – the application itself, and folders to choose from."""

from __future__ import annotations

from pydantic import Field

from backend.models.base import Model
from backend.models.connection import ToolFound
from backend.models.requests import Nothing
from backend.rpc.registry import channel
from backend.services import Services


class AppInfo(Model):
    version: str
    home: str
    """The folder with the app's own data."""
    log_file: str
    user: str
    platform: str
    window: bool
    """True inside the desktop window, False in a browser."""
    keychain: bool
    """Whether the system's keychain can be used."""


class SelfCheck(Model):
    tools: list[ToolFound]
    ok: bool


class FolderRequest(Model):
    path: str | None = None
    """Absent: the user's home."""


class FolderEntry(Model):
    name: str
    path: str
    has_migrations: bool = False


class FolderListing(Model):
    path: str
    parent: str | None
    folders: list[FolderEntry] = Field(default_factory=list)
    sql_files: int = 0
    js_files: int = 0


@channel("app:info")
def info(services: Services, request: Nothing) -> AppInfo:
    """Version, folders, user."""
    return AppInfo(**services.about.info())


@channel("app:self-check")
def self_check(services: Services, request: Nothing) -> SelfCheck:
    """Run each bundled tool and say what it answers."""
    tools = services.about.self_check()
    return SelfCheck(tools=tools, ok=all(tool.ok for tool in tools))


@channel("app:folders")
def folders(services: Services, request: FolderRequest) -> FolderListing:
    """The subfolders of a folder, for choosing one."""
    return FolderListing(**services.about.folders(request.path))
