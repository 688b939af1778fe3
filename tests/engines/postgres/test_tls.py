"""TLS, which dbmate asks for by default: our driver, the real tool and the dump all get through, or say why not."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend.core.errors import ConnectionFailed
from backend.drivers.pg_tls import door
from backend.engines.postgres import ENGINE
from tests.engines.postgres.helpers import until
from tests.engines.sqlite.project import Project
from tests.plugin_servers import unavailable
from tests.servers import Server, ServerUnavailable, start_postgres15


def self_signed(address: str) -> tuple[str, str]:
    """A certificate for an address, and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), secret.decode()


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server of its own with TLS, and its certificate."""
    certificate, key = self_signed("127.0.0.1")
    with ExitStack() as stack:
        try:
            server = stack.enter_context(start_postgres15())
        except ServerUnavailable as error:
            unavailable(str(error))
            raise
        with psycopg.connect(server.admin_url, autocommit=True) as admin:
            # The server writes its own files: they must belong to it, and the key be closed to others.
            for file, text in (("server.crt", certificate), ("server.key", key)):
                lines = "),(".join(f"'{line}'" for line in text.splitlines())
                admin.execute(f"COPY (VALUES ({lines})) TO PROGRAM 'umask 077; cat > {file}'".encode())
            admin.execute("ALTER SYSTEM SET ssl = on")
            admin.execute("SELECT pg_reload_conf()")
            assert until(lambda: admin.execute("SHOW ssl").fetchone() == ("on",))
        yield server, certificate


@pytest.fixture
def secured(tls_server: tuple[Server, str], tmp_path: Path) -> Project:
    """A project on it; the certificate is in root.crt."""
    server, certificate = tls_server
    (tmp_path / "root.crt").write_text(certificate)
    project = Project(tmp_path, server.new_database().url.split("?")[0], ENGINE)
    project.write("1_a.sql", "CREATE TABLE a (id int);")
    return project


def test_without_a_word_about_tls_tool_driver_and_dump_all_use_it(secured: Project) -> None:
    assert secured.up().returncode == 0
    assert secured.applied() == ["1"]
    dump = ENGINE.dump_schema(secured.target)
    assert "CREATE TABLE public.a" in dump and dump.endswith("('1');\n")


@pytest.mark.parametrize("mode", ["prefer", "allow", "require", "verify-ca", "verify-full"])
def test_every_sslmode_gets_through_to_the_dump(secured: Project, mode: str) -> None:
    root = secured.folder / "root.crt"
    there = Project(secured.folder, f"{secured.url}?sslmode={mode}&sslrootcert={root}", ENGINE)
    assert there.up().returncode == 0 and there.applied() == ["1"]
    assert "CREATE TABLE public.a" in ENGINE.dump_schema(there.target)


def test_a_certificate_that_does_not_fit_is_refused_by_the_dump_as_by_the_tool(secured: Project) -> None:
    other, _ = self_signed("10.0.0.1")
    (secured.folder / "other.crt").write_text(other)
    url = f"{secured.url}?sslmode=verify-full&sslrootcert={secured.folder / 'other.crt'}"
    wrong = Project(secured.folder, url, ENGINE)
    assert wrong.up().returncode == 2
    with pytest.raises(ConnectionFailed, match=r"(?i)certificate"):
        wrong.applied()
    with pytest.raises(ConnectionFailed, match=r"(?i)certificate"), door(
        {"host": "127.0.0.1", "port": wrong.url.rpartition(":")[2].partition("/")[0], "sslmode": "verify-full",
         "sslrootcert": str(secured.folder / "other.crt")}
    ):  # fmt: skip
        pass


def test_verify_full_also_checks_the_name_and_verify_ca_does_not(secured: Project) -> None:
    """The certificate is for 127.0.0.1; asked for as localhost, it fits only where the name does not count."""
    port = secured.url.rpartition(":")[2].partition("/")[0]
    there = {"host": "localhost", "port": port, "sslrootcert": str(secured.folder / "root.crt")}
    with door({**there, "sslmode": "verify-ca"}) as reachable:
        assert Path(reachable["host"]).is_dir()
    with (
        pytest.raises(ConnectionFailed, match=r"(?i)hostname mismatch"),
        door({**there, "sslmode": "verify-full"}),
    ):
        pass


def test_a_server_without_tls_is_named_as_such(postgres_url: str) -> None:
    fields = ENGINE.split_url(postgres_url)
    there = {"host": fields["host"], "port": fields["port"]}
    with pytest.raises(ConnectionFailed, match="has no TLS"), door({**there, "sslmode": "require"}):
        pass
    with door({**there, "sslmode": "prefer"}) as reachable:
        assert reachable["sslmode"] == "disable"


def test_a_socket_needs_no_door() -> None:
    with door({"host": "/var/run/postgresql", "port": "5432", "sslmode": "require"}) as reachable:
        assert reachable == {"host": "/var/run/postgresql", "port": "5432", "sslmode": "disable"}
