"""Reading a ZIP that a stranger made. Nothing is ever unpacked to a path: members are read into memory by exact name,
each no further than a limit, whatever its header says."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from backend.core.errors import InvalidRequest
from backend.core.paths import given_path, storage_errors

MOST_ZIP_BYTES = 100_000_000
MOST_MEMBERS = 20_000
MOST_MEMBER_BYTES = 20_000_000
MOST_BYTES = 400_000_000
METADATA = "db-toolkit.json"
_UNIX = 3


@dataclass
class Archive:
    """What of a ZIP may be looked at: bytes by the name they have in it."""

    sha256: str
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    """A sentence for each member that is not read, with why."""


def zip_bytes(path: str | None, content: str | None) -> bytes:
    """The ZIP as it was given. Raises InvalidRequest where it is none or too large, StorageFailed."""
    if (path is None) == (content is None):
        raise InvalidRequest("Give the `path` of a ZIP, or its `content`.")
    if content is not None:
        if len(content) > MOST_ZIP_BYTES * 4 // 3 + 4:
            raise _too_large()
        try:
            return base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError):
            raise InvalidRequest("The content is not Base64.") from None
    assert path is not None
    found = given_path(path)
    with storage_errors(found, "read"):
        if not stat.S_ISREG(found.stat().st_mode):
            raise InvalidRequest(f"{found} is not a file.")
        if found.stat().st_size > MOST_ZIP_BYTES:
            raise _too_large()
        return found.read_bytes()


def read_archive(data: bytes) -> Archive:
    """Every member that is a plain file with a harmless name. Raises InvalidRequest for what is no whole ZIP, is
    encrypted, or would unpack to more than the limits."""
    found = Archive(hashlib.sha256(data).hexdigest())
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            members = opened.infolist()
            if len(members) > MOST_MEMBERS:
                raise InvalidRequest(f"The ZIP has {len(members):,} members; {MOST_MEMBERS:,} is the most.")
            total = 0
            seen: set[str] = set()
            for member in members:
                if member.is_dir():
                    continue
                why = _refused(member)
                if why is None and member.filename in seen:
                    why = "its name is there twice"
                if why is not None:
                    found.left_out.append(f"{member.filename[:200]!r}: {why}.")
                    continue
                seen.add(member.filename)
                body = _body(opened, member)
                total += len(body)
                if total > MOST_BYTES:
                    raise InvalidRequest("The ZIP unpacks to more than 400 MB.", hint=_BOMB)
                found.files[member.filename] = body
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        ValueError,
        KeyError,
    ) as error:
        raise InvalidRequest(
            f"This is not a ZIP that can be read: {error}.", hint="It may be cut off. Export it again."
        ) from None
    return found


_BOMB = "A ZIP of migrations is small; this one may have been made to fill the disk."


def _refused(member: zipfile.ZipInfo) -> str | None:
    name = member.filename
    if member.flag_bits & 0x1:
        raise InvalidRequest(
            "The ZIP is encrypted.", hint="Unpack it with its password and make one without."
        )
    parts = name.split("/")
    if (
        name.startswith("/")
        or "\\" in name
        or ":" in name
        or any(part in ("", ".", "..") for part in parts)
        or any(ord(char) < 32 for char in name)
    ):
        return "a name that may leave the folder"
    mode = member.external_attr >> 16
    if member.create_system == _UNIX and mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        return "a link or device"
    if member.file_size > MOST_MEMBER_BYTES:
        return f"larger than {MOST_MEMBER_BYTES // 1_000_000} MB"
    return None


def _body(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Its bytes, checked by their CRC; a header that lies about the size is found out by reading."""
    with opened.open(member) as stream:
        body = stream.read(MOST_MEMBER_BYTES + 1)
        if len(body) > MOST_MEMBER_BYTES:
            raise InvalidRequest(
                f"{member.filename[:200]!r} unpacks to more than its header says.", hint=_BOMB
            )
        if stream.read(1):
            raise InvalidRequest(f"{member.filename[:200]!r} is longer than it says.", hint=_BOMB)
        return body


def _too_large() -> InvalidRequest:
    return InvalidRequest(f"The ZIP is larger than {MOST_ZIP_BYTES // 1_000_000} MB.")


def written(files: Iterator[tuple[str, bytes]] | list[tuple[str, bytes]]) -> bytes:
    """A ZIP of these, the same bytes for the same files: no times, in the given order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as made:
        for name, body in files:
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            made.writestr(info, body)
    return out.getvalue()
