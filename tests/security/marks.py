"""Marks that an attack leaves where it works: a file that only the attacker's code would make."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


class Mark:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "pwned"
        self.script = folder / "evil.sh"
        folder.mkdir(parents=True, exist_ok=True)
        self.script.write_text(f"#!/bin/sh\ntouch '{self.path}'\n")
        self.script.chmod(0o755)

    @property
    def is_left(self) -> bool:
        return self.path.exists()

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)


def library(folder: Path, mark: Mark) -> Path | None:
    """A shared object that leaves the mark as soon as a program loads it; None where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    source, made = folder / "evil.c", folder / "evil.so"
    source.write_text(
        "#include <fcntl.h>\n"
        f'__attribute__((constructor)) void go(void) {{ open("{mark.path}", O_CREAT | O_WRONLY, 0600); }}\n'
    )
    subprocess.run([compiler, "-shared", "-fPIC", "-o", made, source], check=True)
    return made


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes; a link by where it points."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = b"-> " + str(path.readlink()).encode()
        elif path.is_file():
            found[name] = path.read_bytes()
        else:
            found[name + "/"] = b""
    return found
