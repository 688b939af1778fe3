"""The process of the BigQuery emulator: bqemulator, with failed queries answered as BigQuery answers them.

    python -m tests.servers.bigquery_process start --rest-port PORT …        (its own options)

The emulator answers a query that failed with status 200 and an empty result, the reason beside it; Google's Go
client, which dbmate uses, reads that as success. BigQuery itself answers 400 or 404 with an error object.
"""

from __future__ import annotations

import json
import re
from typing import Any

from bqemulator import server
from bqemulator.api.app import create_app
from bqemulator.cli import main
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

QUERY_ANSWER = re.compile(r"/projects/[^/]+/queries(?:/[^/]+)?$")
STATUSES = {"notFound": 404, "duplicate": 409, "accessDenied": 403}


async def fail_as_bigquery_does(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Turn a 200 that carries errors and no rows into the error it is."""
    response = await call_next(request)
    if response.status_code != 200 or not QUERY_ANSWER.search(request.url.path):
        return response
    assert isinstance(response, StreamingResponse) or hasattr(response, "body_iterator")
    content = b"".join([chunk async for chunk in response.body_iterator])
    failure = error_of(json.loads(content))
    if failure is not None:
        return JSONResponse(failure, status_code=failure["error"]["code"])
    return Response(content, headers=dict(response.headers))


def error_of(answer: dict[str, Any]) -> dict[str, Any] | None:
    """BigQuery's error object for an answer that failed, else None."""
    errors = answer.get("errors")
    if not errors or answer.get("rows"):
        return None
    code = STATUSES.get(errors[0].get("reason"), 400)
    return {"error": {"code": code, "message": errors[0].get("message", ""), "errors": errors}}


def create_strict_app(context: Any) -> Any:
    """The emulator's application with that correction."""
    app = create_app(context)
    app.add_middleware(BaseHTTPMiddleware, dispatch=fail_as_bigquery_does)
    return app


if __name__ == "__main__":
    vars(server)["create_app"] = create_strict_app
    main()
