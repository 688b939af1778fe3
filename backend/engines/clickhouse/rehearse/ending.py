"""A query and the mutations of a scratch ended on the server, and looked for in its own list until they are gone."""

from __future__ import annotations

import time
from contextlib import suppress

from backend.engine.target import Target
from backend.engines.clickhouse import url
from backend.engines.clickhouse.connect import session
from backend.engines.clickhouse.errors import ServerSaid
from backend.engines.clickhouse.text import literal

_GONE_WITHIN_S = 8.0
_SEEN_WITHIN_S = 2.0


def end(scratch: Target, query_id: str) -> bool:
    """Whether it is gone (waited for 8 s at most)."""
    database = url.parse(scratch.url).database
    deadline = time.monotonic() + _GONE_WITHIN_S
    listed = f"SELECT count() FROM system.processes WHERE query_id = {literal(query_id)}"
    with session(scratch) as server:
        with suppress(ServerSaid):  # where this user may not, dropping the scratch ends them
            server.query(f"KILL MUTATION WHERE database = {literal(database)}")
        # It may have been sent and not be listed yet: then it would outlive its end.
        appears_by = time.monotonic() + _SEEN_WITHIN_S
        seen = False
        while (there := int(server.query(listed)[0][0])) or (not seen and time.monotonic() < appears_by):
            if not there:
                time.sleep(0.05)
                continue
            seen = True
            server.query(f"KILL QUERY WHERE query_id = {literal(query_id)} ASYNC")
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
    return True
