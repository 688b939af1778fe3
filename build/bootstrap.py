"""Sets up DB Toolkit and runs it: one command from a fresh clone to the window. Standard library only.

    python build/bootstrap.py run        what `make run` does, on any system
    python build/bootstrap.py --help     every command

Any Python 3.11+ runs this file; an older one looks for a newer on the PATH and hands over to it, so the top of
this file must stay readable for old versions. The steps live in `setup_steps/`, one file each.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import NoReturn

OLDEST = (3, 11)


def hand_over_to_newer_python() -> NoReturn:
    """Replace this process by a Python that is new enough, or say that none was found."""
    for minor in (13, 12, 11, 14, 15):
        newer = shutil.which("python3.%d" % minor)
        if newer:
            os.execv(newer, [newer] + sys.argv)
    sys.exit(
        "DB Toolkit needs Python 3.11 or newer; this is %s and no newer one is on the PATH.\n"
        "Debian 12, Ubuntu 24.04: sudo apt-get install python3 python3-venv   macOS: brew install python@3.12\n"
        "Windows: winget install Python.Python.3.12" % sys.version.split()[0]
    )


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        hand_over_to_newer_python()
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from setup_steps.commands import main

    sys.exit(main(sys.argv[1:]))
