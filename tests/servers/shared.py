"""The servers of one test run: started by whoever needs one first, shared by all workers, ended by the controller."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.servers import launch
from tests.servers.locks import file_lock
from tests.servers.model import Server, ServerFailed, ServerUnavailable
from tests.servers.recipes import recipe_of


@dataclass(frozen=True)
class SharedServers:
    """A run's folder, and the process whose end is the end of every server in it."""

    run_dir: Path
    owner_pid: int

    @staticmethod
    def for_this_process() -> SharedServers:
        """A new run that this process owns: the controller, or pytest without workers."""
        return SharedServers(run_dir=launch.new_run_dir(), owner_pid=os.getpid())

    def get(self, kind: str) -> Server:
        """The run's server of that kind, started now if nobody needed it before.

        Raises ServerUnavailable or ServerFailed; what failed once is not tried again in the same run.
        """
        note = self.run_dir / f"{kind}.json"
        complaint = self.run_dir / f"{kind}.failed"
        with file_lock(self.run_dir / f"{kind}.lock"):
            if note.exists():
                return Server.from_json(note.read_text())
            if complaint.exists():
                raise ServerFailed(complaint.read_text())
            try:
                recipe = recipe_of(kind)
                home = self.run_dir / kind
                server = launch.create(recipe, home, owner_pid=self.owner_pid, run_dir=self.run_dir)
            except ServerUnavailable:
                raise
            except Exception as error:
                complaint.write_text(str(error))
                raise
            note.write_text(server.to_json())
            note.chmod(0o600)
            return server

    def running(self) -> list[Server]:
        """The servers started so far."""
        return [Server.from_json(note.read_text()) for note in sorted(self.run_dir.glob("*.json"))]

    def close(self) -> None:
        """End every server of the run and remove its folder. Only the owner calls this."""
        for server in self.running():
            launch.stop(server)
            server.recipe.remove(server.home)
        shutil.rmtree(self.run_dir, ignore_errors=True)
