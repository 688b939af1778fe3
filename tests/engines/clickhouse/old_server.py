"""The system's ClickHouse (Debian 12 has 18.16): a real server with both protocols, a process list and accounts.

Too old for dbmate, which cannot insert its version there; new enough to prove the run lock and the native protocol.
"""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from urllib.parse import quote

from backend.engine.target import Target
from backend.engines.clickhouse.connect import session
from tests.servers.model import PASSWORD, USER, Server, ServerUnavailable
from tests.servers.recipe import Recipe

CONFIG = """<yandex>
 <logger><level>warning</level><console>1</console></logger>
 <listen_host>127.0.0.1</listen_host><http_port>{http}</http_port><tcp_port>{tcp}</tcp_port>
 <path>{home}/data/</path><tmp_path>{home}/tmp/</tmp_path><mark_cache_size>67108864</mark_cache_size>
 <users_config>{home}/users.xml</users_config>
 <default_profile>default</default_profile><default_database>default</default_database>
</yandex>"""
USERS = """<yandex>
 <profiles><default/><reader><readonly>1</readonly></reader></profiles><quotas><default/></quotas>
 <users>
  <{user}><password>{password}</password><networks><ip>127.0.0.1</ip></networks>
   <profile>default</profile><quota>default</quota></{user}>
  <reader><password>{password}</password><networks><ip>127.0.0.1</ip></networks>
   <profile>reader</profile><quota>default</quota></reader>
 </users>
</yandex>"""


class OldClickHouse(Recipe):
    """One server; its HTTP port is `server.port`, the native one stands in home/native_port."""

    kind = "clickhouse-old"
    engine = "clickhouse"
    user = USER
    password = PASSWORD

    def require(self) -> None:
        if not _program():
            raise ServerUnavailable("apt-get install clickhouse-server for a real, if old, ClickHouse server")

    def prepare(self, home: Path) -> None:
        users = home / "users.xml"
        users.touch(mode=0o600)
        users.write_text(USERS.format(user=USER, password=PASSWORD))

    def command(self, home: Path, port: int) -> list[str]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            native = probe.getsockname()[1]
        (home / "native_port").write_text(str(native))
        (home / "config.xml").write_text(CONFIG.format(http=port, tcp=native, home=home))
        return [str(_program()), f"--config-file={home / 'config.xml'}"]

    def version(self, server: Server) -> str:
        return self._ask(server, "SELECT version()")

    def url(self, server: Server, database: str) -> str:
        login = f"{quote(server.user)}:{quote(server.password, safe='')}"
        return f"clickhouse+http://{login}@{server.host}:{server.port}/{database}"

    def native_url(self, server: Server, database: str) -> str:
        port = (server.home / "native_port").read_text()
        return self.url(server, database).replace("+http", "").replace(f":{server.port}/", f":{port}/")

    def admin_url(self, server: Server) -> str:
        return self.url(server, "default")

    def create_database(self, server: Server, name: str) -> None:
        self._ask(server, f"CREATE DATABASE {name}")

    def drop_database(self, server: Server, name: str) -> None:
        self._ask(server, f"DROP DATABASE IF EXISTS {name}")

    def _ask(self, server: Server, sql: str) -> str:
        target = Target("clickhouse", server.admin_url, server.home, "schema_migrations")
        with session(target) as connection:
            rows = connection.query(sql)
        return str(rows[0][0]) if rows else ""


def _program() -> str | None:
    return shutil.which("clickhouse-server", path="/usr/sbin:/usr/bin:/usr/local/bin")
