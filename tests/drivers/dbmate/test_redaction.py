"""No secret in what is shown, however a tool or an encoder writes it."""

from __future__ import annotations

import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.drivers.dbmate.redaction import redact, secrets_in

from .test_output import transcript


@pytest.mark.parametrize(
    "form", [str, lambda p: quote(p, safe=""), quote, quote_plus, lambda p: quote(p).lower(), json.dumps]
)
def test_a_password_goes_in_every_form(form: object) -> None:
    assert callable(form)
    password = 'p@ss w/ö#r?d%"&+\\'
    assert redact(f"before {form(password)} after", [password]) in ("before *** after", 'before "***" after')


@pytest.mark.parametrize(
    "text", ["postgres://app:hunter2@host/db", "sslpassword=hunter2 x", "password='hun ter2' x"]
)
def test_passwords_in_urls_and_parameters_go_even_if_unknown(text: str) -> None:
    assert "ter2" not in redact(text, []) and "***" in redact(text, [])


def test_the_pieces_of_a_password_in_a_url_that_dbmate_cannot_read_go_too() -> None:
    leaked = transcript("leaks_password").stderr
    assert "wr ong" in leaked
    assert "wr ong" not in redact(leaked, ["wr ong#pa:ss"]) and "invalid port" in redact(
        leaked, ["wr ong#pa:ss"]
    )
    assert "sword" not in redact('Error: parse "postgres://u:my/sword": invalid', ["my/sword/x"])


def test_a_very_short_password_does_not_eat_every_word() -> None:
    assert redact("Applying: 1_a.sql password=a user a", ["a"]) == "Applying: 1_a.sql password=*** user ***"


def test_the_secrets_of_an_environment() -> None:
    env = {
        "DATABASE_URL": "postgres://app:p%40ss@host/db?sslpassword=second&sslmode=require",
        "PGPASSWORD": "third",
        "PGOPTIONS": "-c lock_timeout=5s",
        "API_TOKEN": "fourth",
        "OTHER": "mysql://u:fi/f#th@h/db",
    }
    assert set(secrets_in(env)) == {"p@ss", "p%40ss", "second", "third", "fourth", "fi/f#th"}
    assert secrets_in({"DATABASE_URL": "sqlite:/tmp/x.db"}) == []


@given(st.text(max_size=30), st.text(st.sampled_from("/:@?&=+$,;!'()*~- "), max_size=20))
def test_no_password_survives_whatever_an_encoder_leaves_as_it_is(random: str, safe: str) -> None:
    password = f"S3cr{random}3t"
    encoded = quote(password, safe=safe)
    lower = re.sub("%..", lambda match: match[0].lower(), encoded)
    forms = {password, encoded, lower, json.dumps(password)[1:-1]}
    secrets = secrets_in({"DATABASE_URL": f"postgres://app:{quote(password, safe='')}@host/db"})
    shown = redact("\n".join(["Error: cannot use", *forms]), secrets)
    assert "S3cr" not in shown and "3t" not in shown
