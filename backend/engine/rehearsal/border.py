"""A statement of a scratch on a server that is others' too, and what it reaches beyond the scratch."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.errors import NotSupported


@dataclass(frozen=True, slots=True)
class Outside:
    """Where a statement leaves its scratch: `whole_server` is passed over, `database` and `elsewhere` are refused."""

    whole_server: str = ""
    """What of the server it is about: `GRANT`, `SET GLOBAL`."""
    database: str = ""
    """The other database that it names."""
    elsewhere: str = ""
    """Where else it works, as the beginning of a sentence."""

    def passed_over(self) -> str:
        return f"Not run: {self.whole_server} belongs to the whole server, and a rehearsal changes nothing there."

    def refusal(self) -> NotSupported:
        where = (
            self.elsewhere or f"The statement works in the database {self.database}, which is not the scratch"
        )
        return NotSupported(
            f"{where}: it was not run.",
            capability="rehearsal",
            hint="Name tables without their database; the connection's own is then meant.",
        )
