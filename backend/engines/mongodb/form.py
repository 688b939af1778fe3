"""The connection form and MongoDB's URLs: one into the other, so that each can be read back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from backend.core.errors import InvalidUrl
from backend.models.connection import UrlField

from .url import DEFAULT_PORT, check_database, decode, encode, encode_secret, is_hosts, parse, split_host


def fields() -> list[UrlField]:
    """The form, in order; the names are those of `split` and `build`."""
    return [
        UrlField(
            name="host",
            label="Host",
            required=True,
            default="localhost",
            help="One host, or the members of a replica set with commas: db1:27017,db2:27017",
        ),
        UrlField(name="port", label="Port", kind="number", placeholder=str(DEFAULT_PORT)),
        UrlField(name="user", label="User"),
        UrlField(name="password", label="Password", kind="password"),
        UrlField(name="database", label="Database", required=True, placeholder="shop"),
        UrlField(
            name="auth_source",
            label="Authentication database",
            placeholder="the database itself",
            help="Where the user was created; often admin.",
        ),
        UrlField(
            name="srv",
            label="mongodb+srv (Atlas)",
            kind="switch",
            help="The host is one name; DNS lists the servers.",
        ),
        UrlField(name="replica_set", label="Replica set", advanced=True),
        UrlField(name="tls", label="TLS", kind="choice", choices=["", "true", "false"], advanced=True),
        UrlField(
            name="options",
            label="More options",
            advanced=True,
            placeholder="retryWrites=true&w=majority",
        ),
    ]


def split(url: str) -> dict[str, str]:
    """A URL's parts by form field, decoded; empty ones left out. Raises InvalidUrl."""
    parts = parse(url)
    read = (lambda text: text) if parts.raw else decode
    options = dict(parts.options)
    fields = {
        "srv": "true" if parts.scheme == "mongodb+srv" else "",
        "user": read(parts.user or ""),
        "password": read(parts.password or ""),
        "database": decode(parts.database),
        "auth_source": _take(options, "authSource"),
        "replica_set": _take(options, "replicaSet"),
        "tls": _take(options, "tls") or _take(options, "ssl"),
    }
    fields["host"], fields["port"] = _split_hosts(parts.hosts)
    # Without a database in the path the server looks the user up in `admin`; as soon as a database is added it would
    # look there. Saying so keeps the login working when the form fills in the database.
    if fields["user"] and not fields["database"] and not fields["auth_source"]:
        fields["auth_source"] = "admin"
    fields["options"] = "&".join(f"{encode(name)}={_encode_value(value)}" for name, value in options.items())
    return {name: value for name, value in fields.items() if value}


def _take(options: dict[str, str], wanted: str) -> str:
    """Remove an option by its name, whose case does not matter, and return its value."""
    for name in list(options):
        if name.lower() == wanted.lower():
            return options.pop(name)
    return ""


def _split_hosts(hosts: str) -> tuple[str, str]:
    if "," in hosts:
        return decode(hosts), ""
    host, port = split_host(hosts)
    return decode(host), port


def _encode_value(value: str) -> str:
    return quote(value, safe=":/,${}")


def build(fields: Mapping[str, str]) -> str:
    """A URL from the form's fields, everything encoded. Raises InvalidUrl naming the field that is wrong."""
    host, database = fields.get("host", "").strip(), fields.get("database", "").strip()
    is_srv = fields.get("srv", "") in {"true", "1", "yes", "on"}
    if not host:
        raise InvalidUrl("The host is missing.", hint="For example localhost", field="host")
    check_database(database)
    login = ""
    if fields.get("user"):
        login = encode(fields["user"])
        if fields.get("password"):
            login += ":" + encode_secret(fields["password"])
        login += "@"
    elif fields.get("password"):
        raise InvalidUrl("A password needs a user name.", field="user")
    hosts = _build_hosts(host, fields.get("port", "").strip(), is_srv)
    query = _build_query(fields)
    return f"mongodb{'+srv' if is_srv else ''}://{login}{hosts}/{encode(database)}" + (
        f"?{query}" if query else ""
    )


def _build_hosts(host: str, port: str, is_srv: bool) -> str:
    if is_srv and (port or "," in host):
        raise InvalidUrl(
            "A mongodb+srv address is one name without a port: DNS names the servers.",
            field="port" if port else "host",
        )
    if host.startswith("/"):
        return quote(host, safe="")
    if ":" in host and not host.startswith("[") and "," not in host and host.count(":") > 1:
        host = f"[{host}]"
    hosts = f"{host}:{port}" if port else host
    if not is_hosts(hosts):
        raise InvalidUrl(
            "Host and port cannot be read.",
            hint="One host, or several with a comma: db1:27017,db2:27017",
            field="host",
        )
    return hosts


def _build_query(fields: Mapping[str, str]) -> str:
    named = {"authSource": "auth_source", "replicaSet": "replica_set", "tls": "tls"}
    items = [f"{option}={encode(fields[name])}" for option, name in named.items() if fields.get(name)]
    if fields.get("options"):
        items.append(fields["options"].strip().lstrip("?&"))
    return "&".join(items)
