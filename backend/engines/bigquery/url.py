"""BigQuery URLs as dbmate 2.37's driver reads them; the form with host and port is mended to the one it knows. Pure.

`bigquery://project/location/dataset` names the place; `endpoint` and `disable_auth` lead to an emulator. The driver
takes `bigquery://host:port/…` for a project of that name, and an endpoint without its path answers "not found" to
everything, so that every migration looks pending.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from backend.core.errors import InvalidUrl
from backend.engine import urls

SCHEMES = ("bigquery",)
EXAMPLE = "bigquery://my-project/eu/shop"
API = "https://bigquery.googleapis.com/bigquery/v2/"
API_PATH = "/bigquery/v2/"

_NAME = r"\$\{\w+\}"
_URL = re.compile(r"bigquery://(?P<host>[^/?#]*)(?:/(?P<path>[^?#]*))?(?:\?(?P<query>[^#]*))?", re.I | re.S)
_HOST_AND_PORT = re.compile(rf"(?:[\w.-]|{_NAME})+:(?:\d+|{_NAME})|\[[0-9A-Fa-f:]+\]:\d+")
_PROJECT = re.compile(rf"(?:[A-Za-z0-9._-]|{_NAME})+")
_DATASET = re.compile(rf"(?:[A-Za-z0-9_]|{_NAME})+")
_LOCATION = re.compile(rf"(?:[A-Za-z0-9-]|{_NAME})+")


@dataclass(frozen=True, slots=True)
class BigQueryUrl:
    """A URL in parts. `options` are decoded, in their order."""

    project: str
    dataset: str
    location: str = ""
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def text(self) -> str:
        """The URL as dbmate takes it."""
        path = "/".join(part for part in (self.location, self.dataset) if part)
        query = "&".join(f"{name}={_encoded(value)}" for name, value in self.options)
        return f"bigquery://{self.project}/{path}" + (f"?{query}" if query else "")

    def option(self, name: str) -> str:
        return next((value for key, value in self.options if key == name), "")

    @property
    def endpoint(self) -> str:
        """The address of the API, with a slash at the end."""
        return self.option("endpoint") or API

    @property
    def needs_credentials(self) -> bool:
        return self.option("disable_auth") != "true"


def parse(url: str) -> BigQueryUrl:
    """The URL's parts, mended. Raises InvalidUrl, with the right spelling, for what dbmate would refuse or misread."""
    match = _URL.fullmatch(url.strip())
    if match is None:
        raise InvalidUrl("A BigQuery URL starts with bigquery://.", hint=f"For example {EXAMPLE}")
    host, path = match["host"], [unquote(part) for part in (match["path"] or "").split("/") if part]
    options = tuple(parse_qsl(match["query"] or "", keep_blank_values=True))
    if "@" in host:
        raise InvalidUrl(
            "A BigQuery URL has no user and password: credentials come from Google.",
            hint="Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to a key file.",
        )
    if _HOST_AND_PORT.fullmatch(host):
        # The form for emulators in dbmate's documentation.
        if len(path) not in (2, 3):
            raise InvalidUrl(
                "After host and port come project, location and dataset.",
                hint=f"For example bigquery://{host}/my-project/us/shop?disable_auth=true",
            )
        if not any(name == "endpoint" for name, _ in options):
            options += (("endpoint", f"http://{host}{API_PATH}"),)
        host, path = path[0], path[1:]
    if len(path) not in (1, 2):
        raise InvalidUrl("A BigQuery URL names project, location and dataset.", hint=f"For example {EXAMPLE}")
    location = path[0] if len(path) == 2 else ""
    return _checked(BigQueryUrl(project=host, location=location, dataset=path[-1], options=options))


def _checked(url: BigQueryUrl) -> BigQueryUrl:
    if ":" in url.project:
        raise InvalidUrl(
            "A project with a colon in its id (example.com:shop) cannot be used: dbmate takes it for a host and port.",
            hint="Use a project without a domain in its id.",
        )
    for what, value, pattern in (
        ("project", url.project, _PROJECT),
        ("dataset", url.dataset, _DATASET),
        ("location", url.location, _LOCATION),
    ):
        if (value or what != "location") and not pattern.fullmatch(value):
            raise InvalidUrl(
                f"{value!r} is no {what}: letters, digits{' and _' if what == 'dataset' else ', - and .'} are allowed."
                if value
                else f"The URL names no {what}.",
                hint=f"For example {EXAMPLE}",
            )
    return replace(url, options=tuple((n, _endpoint(v) if n == "endpoint" else v) for n, v in url.options))


def _endpoint(address: str) -> str:
    """With the API's path and a slash at the end: dbmate's client puts the rest directly behind."""
    if re.fullmatch(_NAME, address):
        return address
    if "://" not in address:
        address = f"http://{address}"
    if urlsplit(address).path in ("", "/"):
        return address.rstrip("/") + API_PATH
    return address if address.endswith("/") else address + "/"


def from_fields(fields: Mapping[str, str]) -> BigQueryUrl:
    """A form's fields as a URL. Raises InvalidUrl."""
    options = [(name, fields[name]) for name in ("endpoint", "disable_auth") if fields.get(name)]
    options += parse_qsl(fields.get("options") or "", keep_blank_values=True)
    return _checked(
        BigQueryUrl(
            project=(fields.get("project") or "").strip(),
            location=(fields.get("location") or "").strip(),
            dataset=(fields.get("dataset") or "").strip(),
            options=tuple(options),
        )
    )


def to_fields(url: BigQueryUrl) -> dict[str, str]:
    """The inverse of `from_fields`; empty fields are left out."""
    named = ("endpoint", "disable_auth")
    fields = {
        "project": url.project,
        "location": url.location,
        "dataset": url.dataset,
        **{name: url.option(name) for name in named},
        "options": "&".join(f"{n}={_encoded(v)}" for n, v in url.options if n not in named),
    }
    return {name: value for name, value in fields.items() if value}


def redact(url: str) -> str:
    """The URL with whatever may be secret as `***`; never raises."""
    return urls.redact(url)


def _encoded(text: str) -> str:
    return "".join(
        piece if re.fullmatch(_NAME, piece) else quote(piece, safe="")
        for piece in re.split(rf"({_NAME})", text)
    )
