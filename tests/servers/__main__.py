"""Run some servers in the foreground, for trying the application by hand.

    python -m tests.servers postgres18 mariadb        (all that this machine can run, when none is named)

Prints one line of JSON a server (kind, engine, version, url of an empty database, admin_url, socket, home)
and ends them all on Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from contextlib import ExitStack
from types import FrameType

from tests.servers import RECIPES, ServerUnavailable, start


def interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of: {', '.join(RECIPES)}")
    parser.add_argument("--database", default="shop", help="name of the empty database made in each")
    asked = parser.parse_args()
    if unknown := set(asked.kinds) - set(RECIPES):
        parser.error(f"no server named {', '.join(sorted(unknown))}; known: {', '.join(RECIPES)}")
    signal.signal(signal.SIGTERM, interrupt)
    with ExitStack() as stack:
        try:
            for kind in asked.kinds or RECIPES:
                try:
                    server = stack.enter_context(start(kind))
                except ServerUnavailable as error:
                    print(f"{kind}: {error}", file=sys.stderr)
                    if asked.kinds:
                        return 1
                    continue
                line = {
                    "kind": kind,
                    "engine": server.engine,
                    "version": server.version,
                    "url": server.new_database(asked.database).url,
                    "admin_url": server.admin_url,
                    "socket": str(server.socket) if server.socket else None,
                    "home": str(server.home),
                }
                print(json.dumps(line), flush=True)
            print("Ctrl-C ends them.", file=sys.stderr)
            signal.pause()
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
