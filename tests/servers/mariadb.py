"""MariaDB from the system's packages, as root or as oneself; never the service the system may run."""

from __future__ import annotations

import getpass
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pymysql

from tests.servers.locks import file_lock
from tests.servers.model import PASSWORD, USER, Server, ServerUnavailable
from tests.servers.recipe import Recipe

OPTIONS = [
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--innodb-flush-log-at-trx-commit=2",  # in the hands of the system: survives a killed server
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=16M",
    "--skip-log-bin",
    "--max-connections=200",
]


class MariaDB(Recipe):
    """A private server with one account that may do everything, with a password, on TCP and socket."""

    kind = "mariadb"
    engine = "mysql"
    user = USER
    password = PASSWORD
    stop_signal = signal.SIGTERM

    def require(self) -> None:
        if not (_program("mariadbd") and _program("mariadb-install-db")):
            raise ServerUnavailable("apt-get install mariadb-server for MariaDB")

    def prepare(self, home: Path) -> None:
        command = [str(_program("mariadb-install-db")), "--no-defaults", f"--user={getpass.getuser()}"]
        command += [f"--datadir={home / 'data'}", "--skip-test-db", "--innodb-log-file-size=16M"]
        command += ["--auth-root-authentication-method=normal"]
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerUnavailable(f"mariadb-install-db failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        (home / "tmp").mkdir()
        accounts = home / "accounts.sql"
        accounts.touch(mode=0o600)
        accounts.write_text(
            "DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');\n"
            "FLUSH PRIVILEGES;\n"
            f"CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n"
            f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{PASSWORD}';\n"
        )

    def command(self, home: Path, port: int) -> list[str]:
        return [
            str(_program("mariadbd")),
            "--no-defaults",
            f"--user={getpass.getuser()}",
            f"--datadir={home / 'data'}",
            # Of its own: a server that starts removes the temporary tables of every other one in the same folder.
            f"--tmpdir={home / 'tmp'}",
            f"--socket={home / 'mysql.sock'}",
            f"--pid-file={home / 'mariadbd.pid'}",
            f"--init-file={home / 'accounts.sql'}",
            f"--port={port}",
            *OPTIONS,
        ]

    def socket(self, home: Path, port: int) -> Path | None:
        return home / "mysql.sock"

    def version(self, server: Server) -> str:
        with self._connect(server) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT version()")
            return str(cursor.fetchone()[0]).split("-")[0]  # type: ignore[index]

    def url(self, server: Server, database: str) -> str:
        login = f"{quote(server.user)}:{quote(server.password, safe='')}"
        return f"mysql://{login}@{server.host}:{server.port}/{quote(database, safe='')}"

    def admin_url(self, server: Server) -> str:
        return self.url(server, "mysql")

    def create_database(self, server: Server, name: str) -> None:
        self._administer(server, f"CREATE DATABASE {_quoted(name)}")

    def drop_database(self, server: Server, name: str) -> None:
        self._administer(server, f"DROP DATABASE IF EXISTS {_quoted(name)}")

    def _connect(self, server: Server) -> pymysql.Connection[pymysql.cursors.Cursor]:
        return pymysql.connect(
            host=server.host, port=server.port, user=server.user, password=server.password, connect_timeout=5
        )

    def _administer(self, server: Server, statement: str) -> None:
        # Parallel DROP DATABASE fight over the dictionary's locks; one at a time is faster and never fails.
        with file_lock(server.home / "ddl.lock"), self._connect(server) as connection:
            with connection.cursor() as cursor:
                if statement.startswith("DROP"):
                    self._end_sessions(cursor, statement)
                cursor.execute(statement)

    def _end_sessions(self, cursor: pymysql.cursors.Cursor, statement: str) -> None:
        """A session left behind by a test would make DROP wait for its metadata lock for ever."""
        name = statement.rsplit("`", 2)[1]
        cursor.execute(
            "SELECT id FROM information_schema.processlist WHERE db = %s AND id <> connection_id()", (name,)
        )
        for (session,) in cursor.fetchall():
            with suppress(pymysql.err.MySQLError):  # it ended by itself meanwhile
                cursor.execute(f"KILL {int(session)}")


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
