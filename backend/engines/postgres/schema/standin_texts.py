"""The scripts of the stand-ins: functions by the names and types of pgcrypto and uuid-ossp, and a language's handler."""

from __future__ import annotations

LANGUAGES = {
    "plperl",
    "plperlu",
    "plpython3u",
    "plpythonu",
    "plpython2u",
    "plv8",
    "pltcl",
    "pltclu",
    "plr",
    "pllua",
    "plsh",
}
# Any handler will do, for nothing is ever called; without a validator every body is taken.
LANGUAGE = """
CREATE FUNCTION {name}_call_handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE LANGUAGE {name} HANDLER {name}_call_handler;
"""


def _functions(result: str, body: str, options: str, *signatures: str) -> str:
    return "".join(
        f"CREATE FUNCTION {one} RETURNS {result} LANGUAGE sql {options} PARALLEL SAFE AS '{body}';\n"
        for one in signatures
    )


_STEADY, _RANDOM = "IMMUTABLE STRICT", "VOLATILE STRICT"
_UUIDS = "".join(
    [
        _functions("uuid", "SELECT pg_catalog.gen_random_uuid()", _RANDOM,
                   "uuid_generate_v1()", "uuid_generate_v1mc()", "uuid_generate_v4()"),
        _functions("uuid", "SELECT pg_catalog.md5($1::text || $2)::uuid", _STEADY,
                   "uuid_generate_v3(namespace uuid, name text)", "uuid_generate_v5(namespace uuid, name text)"),
        _functions("uuid", "SELECT ''00000000-0000-0000-0000-000000000000''::uuid", _STEADY,
                   "uuid_nil()", "uuid_ns_dns()", "uuid_ns_url()", "uuid_ns_oid()", "uuid_ns_x500()"),
    ]
)  # fmt: skip
_CRYPTO = "".join(
    [
        _functions("uuid", "SELECT pg_catalog.gen_random_uuid()", "VOLATILE", "gen_random_uuid()"),
        _functions("bytea", "SELECT pg_catalog.sha256($1)", _STEADY, "digest(bytea, text)"),
        _functions("bytea", "SELECT pg_catalog.sha256(pg_catalog.convert_to($1, ''UTF8''))", _STEADY, "digest(text, text)"),
        _functions("bytea", "SELECT pg_catalog.sha256($1 || $2)", _STEADY, "hmac(bytea, bytea, text)"),
        _functions("bytea", "SELECT pg_catalog.sha256(pg_catalog.convert_to($1 || $2, ''UTF8''))", _STEADY,
                   "hmac(text, text, text)"),
        _functions("text", "SELECT pg_catalog.md5($1 || $2)", _STEADY, "crypt(text, text)"),
        _functions("text", "SELECT pg_catalog.gen_random_uuid()::text", _RANDOM, "gen_salt(text)", "gen_salt(text, integer)"),
        _functions("bytea", "SELECT $1", _STEADY, "encrypt(bytea, bytea, text)", "decrypt(bytea, bytea, text)",
                   "encrypt_iv(bytea, bytea, bytea, text)", "decrypt_iv(bytea, bytea, bytea, text)"),
        _functions("bytea", "SELECT pg_catalog.decode(pg_catalog.md5(pg_catalog.random()::text), ''hex'')", _RANDOM,
                   "gen_random_bytes(integer)"),
        _functions("bytea", "SELECT pg_catalog.convert_to($1, ''UTF8'')", _RANDOM,
                   "pgp_sym_encrypt(text, text)", "pgp_sym_encrypt(text, text, text)",
                   "pgp_pub_encrypt(text, bytea)", "pgp_pub_encrypt(text, bytea, text)"),
        _functions("bytea", "SELECT $1", _RANDOM,
                   "pgp_sym_encrypt_bytea(bytea, text)", "pgp_sym_encrypt_bytea(bytea, text, text)",
                   "pgp_pub_encrypt_bytea(bytea, bytea)", "pgp_pub_encrypt_bytea(bytea, bytea, text)"),
        _functions("text", "SELECT pg_catalog.encode($1, ''escape'')", _STEADY,
                   "pgp_sym_decrypt(bytea, text)", "pgp_sym_decrypt(bytea, text, text)", "pgp_pub_decrypt(bytea, bytea)",
                   "pgp_pub_decrypt(bytea, bytea, text)", "pgp_pub_decrypt(bytea, bytea, text, text)"),
        _functions("bytea", "SELECT $1", _STEADY,
                   "pgp_sym_decrypt_bytea(bytea, text)", "pgp_sym_decrypt_bytea(bytea, text, text)",
                   "pgp_pub_decrypt_bytea(bytea, bytea)", "pgp_pub_decrypt_bytea(bytea, bytea, text)",
                   "pgp_pub_decrypt_bytea(bytea, bytea, text, text)"),
        _functions("text", "SELECT pg_catalog.encode($1, ''base64'')", _STEADY,
                   "pgp_key_id(bytea)", "armor(bytea)", "armor(bytea, text[], text[])"),
        _functions("bytea", "SELECT pg_catalog.decode($1, ''base64'')", _STEADY, "dearmor(text)"),
        _functions("SETOF record", "SELECT $1, $1", _STEADY, "pgp_armor_headers(text, OUT key text, OUT value text)"),
        _functions("boolean", "SELECT false", "VOLATILE", "fips_mode()"),
    ]
)  # fmt: skip
TEXTS = {
    "uuid-ossp": ("generate universally unique identifiers (UUIDs)", _UUIDS),
    "pgcrypto": ("cryptographic functions", _CRYPTO),
}
"""By extension: (its comment as PostgreSQL ships it, the script)."""
