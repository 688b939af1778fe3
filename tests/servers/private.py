"""A server for one test alone, which that test may kill and start again."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import psutil

from tests.servers import launch
from tests.servers.model import Database, Server
from tests.servers.recipe import Recipe


class PrivateServer:
    """A server that dies and comes back on the same port with the same data. Close it at the end.

    What a shared Server offers is here too: `url`, `new_database`, `host`, `port`, `socket`, … by `self.server`.
    """

    def __init__(self, recipe: Recipe, *, owner_pid: int | None = None) -> None:
        self._recipe = recipe
        self._owner_pid = owner_pid or os.getpid()
        self._run_dir = launch.new_run_dir()
        self._home = self._run_dir / recipe.kind
        try:
            self.server: Server = launch.create(
                recipe, self._home, owner_pid=self._owner_pid, run_dir=self._run_dir
            )
        except BaseException:
            recipe.remove(self._home)
            recipe.remove(self._run_dir)
            raise

    def __enter__(self) -> PrivateServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def host(self) -> str:
        return self.server.host

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def socket(self) -> Path | None:
        return self.server.socket

    @property
    def admin_url(self) -> str:
        return self.server.admin_url

    @property
    def is_running(self) -> bool:
        return bool(launch.server_processes(self.server))

    def new_database(self, name: str | None = None) -> Database:
        """As Server.new_database."""
        return self.server.new_database(name)

    def drop_database(self, name: str) -> None:
        """As Server.drop_database."""
        self.server.drop_database(name)

    def kill(self) -> None:
        """End every process of the server outright, as a crash would; connections break at once."""
        processes = launch.server_processes(self.server)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=10)
        with suppress(psutil.NoSuchProcess):
            psutil.Process(self.server.guard_pid).wait(10)

    def start(self) -> Server:
        """Start it again after `kill`: same port, same data, recovered as after a crash."""
        if not self.is_running:
            self.server = launch.start(
                self._recipe, self._home, self.server.port, owner_pid=self._owner_pid, run_dir=self._run_dir
            )
        return self.server

    def close(self) -> None:
        """End it and remove its folder."""
        launch.stop(self.server)
        self._recipe.remove(self._home)
        self._recipe.remove(self._run_dir)
