"""`main.py` in a process whose clock jumps: by DB_TOOLKIT_FAULT_JUMP seconds once the file DB_TOOLKIT_FAULT_FLAG is there."""

from __future__ import annotations

import datetime as datetime_module
import os
import runpy
import sys
import time
from datetime import tzinfo
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def install(flag: str, jump_s: float) -> None:
    real_time, real = time.time, datetime_module.datetime

    def now_s() -> float:
        return real_time() + (jump_s if Path(flag).exists() else 0.0)

    class Jumping(real):  # type: ignore[misc,valid-type]
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return cls.fromtimestamp(now_s(), tz)

    time.time = now_s
    datetime_module.datetime = Jumping  # type: ignore[misc]


if __name__ == "__main__":
    install(os.environ["DB_TOOLKIT_FAULT_FLAG"], float(os.environ["DB_TOOLKIT_FAULT_JUMP"]))
    sys.path.insert(0, str(ROOT))
    sys.argv[0] = str(ROOT / "main.py")
    runpy.run_path(sys.argv[0], run_name="__main__")
