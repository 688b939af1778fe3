"""MySQL's protocol, on MariaDB: copies made by its client, dumped by mariadb-dump."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import pymysql
from pymysql.constants import CLIENT

from tests.bench.peers.dumps import lines_of
from tests.bench.peers.model import Field, Pair, StatementsFailed
from tests.schema.mysql_changes import CASES
from tests.servers import Server, start_mariadb

TIMEOUT_S = 120
DUMP = ("--no-data", "--routines", "--events", "--triggers", "--skip-comments", "--compact")


class MysqlField(Field):
    engine = "mysql"

    def __init__(self, server: Server) -> None:
        self._server = server
        self.label = f"MariaDB {'.'.join(server.version.split('.')[:2])}"

    def pairs(self) -> Sequence[Pair]:
        return [Pair(case.name, case.old, case.new) for case in CASES]

    def made(self, text: str) -> str:
        database = self._server.new_database()
        done = self._client("mariadb", "--init-command=SET foreign_key_checks = 0", database.name, stdin=text)
        if done.returncode:
            raise StatementsFailed(done.stderr.strip())
        return database.url

    def run(self, database: str, script: str) -> None:
        server = self._server
        if not script.strip():
            return
        with closing(
            pymysql.connect(
                host=server.host,
                port=server.port,
                user=server.user,
                password=server.password,
                database=_name(database),
                client_flag=CLIENT.MULTI_STATEMENTS,
                autocommit=True,
                read_timeout=TIMEOUT_S,
            )
        ) as connection:
            try:
                with connection.cursor() as cursor:
                    cursor.execute(script)
                    while cursor.nextset():
                        pass
            except pymysql.MySQLError as error:
                raise StatementsFailed(str(error)) from error

    def drop(self, database: str) -> None:
        self._server.drop_database(_name(database))

    def dump(self, database: str) -> Counter[str]:
        """Bodies of views and programs may carry the database's name, which is no part of the schema."""
        name = _name(database)
        done = self._client("mariadb-dump", *DUMP, name)
        if done.returncode:
            raise StatementsFailed(f"mariadb-dump: {done.stderr.strip()}")
        # Where a sequence or a counter stands is told even with --no-data; it is a row all the same.
        told = re.sub(r"(?m)^DO SETVAL\(.*$", "", done.stdout.replace(name, "db"))
        return lines_of(re.sub(r"(?m)^(\) ENGINE=\w+) AUTO_INCREMENT=\d+", r"\1", told))

    def _client(self, program: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        server = self._server
        address = [f"--host={server.host}", f"--port={server.port}", f"--user={server.user}"]
        return subprocess.run(
            [program, "--no-defaults", *address, "--default-character-set=utf8mb4", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
            env={**os.environ, "MYSQL_PWD": server.password},
        )


def _name(url: str) -> str:
    return url.rpartition("/")[2]


@contextmanager
def mysql_field() -> Iterator[MysqlField]:
    with start_mariadb() as server:
        yield MysqlField(server)
