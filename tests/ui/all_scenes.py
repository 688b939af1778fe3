"""The scenes of every piece: those of scenes.py and of each scenes_<piece>.py beside it."""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.ui.scenes import SCENES, Scene


def all_scenes() -> list[Scene]:
    """Each once, in the order of the files."""
    found = {one.name: one for one in SCENES}
    for file in sorted(Path(__file__).parent.glob("scenes_*.py")):
        module = importlib.import_module(f"tests.ui.{file.stem}")
        for value in vars(module).values():
            if isinstance(value, list) and value and all(isinstance(one, Scene) for one in value):
                found |= {one.name: one for one in value}
    return list(found.values())
