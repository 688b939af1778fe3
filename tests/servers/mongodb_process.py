"""The process of the MongoDB stand-in: the engine of the package SecantusDB with one user and its password.

    DB_TOOLKIT_TEST_PASSWORD=… python mongodb_process.py DATA_DIR PORT USER

It announces itself as a replica set of one, so sessions, transactions and change streams work as on a real one.
"""

from __future__ import annotations

import os
import sys

from pymongo import MongoClient
from pymongo.errors import OperationFailure
from secantus import SecantusDBServer  # type: ignore[import-untyped]

USER_EXISTS = 51003


def add_user(uri: str, user: str, password: str) -> None:
    """The first user can only be made while nobody is asked for a password."""
    with MongoClient[dict[str, object]](uri) as client:
        try:
            client.admin.command("createUser", user, pwd=password, roles=["root"])
        except OperationFailure as error:
            if error.code != USER_EXISTS:
                raise


def main(data_dir: str, port: int, user: str) -> None:
    # Without sync_on_commit a killed server loses its last writes.
    server = SecantusDBServer(port=port, storage_path=data_dir, cache_size="256M", sync_on_commit=True)
    server.start()
    add_user(server.uri, user, os.environ["DB_TOOLKIT_TEST_PASSWORD"])
    server.require_auth = True  # read at each command; closing and opening it anew would take two seconds
    server.wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
