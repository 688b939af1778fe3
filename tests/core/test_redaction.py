"""No secret that was learned survives `redact`, in any of its spellings; what is no secret stays readable."""

from __future__ import annotations

import logging
import string
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core import log
from backend.core.envelope import envelope_error
from backend.core.errors import AppError, ConfirmationRequired, EditedOnDisk
from backend.core.redaction import learn_secret, redact, redact_value
from backend.models.error import ErrorReportRequest
from backend.services.error_reports import ErrorReports

_PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " "


@given(
    st.text(_PRINTABLE, min_size=1, max_size=12),
    st.text("xyz :/@", max_size=8),
    st.text("xyz :/@", max_size=8),
)
@settings(max_examples=60, deadline=None)
def test_a_learned_secret_is_masked_in_every_spelling(core: str, before: str, after: str) -> None:
    # Unlike any other text, so that what is left of it could only come from the secret.
    secret = f"§{uuid.uuid4().hex}§{core}"
    learn_secret(secret)
    for spelling in (secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]):
        left = redact(f"{before}{spelling}{after}")
        assert spelling not in left and secret[1:33] not in left


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://app:s3cret@host/shop", "postgres://app:***@host/shop"),
        ("postgres://app:a@b:c/d@host/shop", "postgres://app:***@host/shop"),
        ("mongodb+srv://app:s3cret@cluster.example/shop", "mongodb+srv://app:***@cluster.example/shop"),
        ("postgres://app:${DB_PASS}@host/shop", "postgres://app:${DB_PASS}@host/shop"),
        (
            "clickhouse://host/x?username=u&password=s3cret&a=1",
            "clickhouse://host/x?username=u&password=***&a=1",
        ),
        ("postgres://app@host/shop", "postgres://app@host/shop"),
        ("users at 12:30, a@b.c", "users at 12:30, a@b.c"),
    ],
)
def test_passwords_in_urls_are_masked_though_nobody_told_of_them(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_details_of_errors_are_redacted_through_lists_and_dicts() -> None:
    learn_secret("deep-secret-91")
    assert redact_value({"a": ["x deep-secret-91", {"b": "deep-secret-91"}], "n": 3}) == {
        "a": ["x ***", {"b": "***"}],
        "n": 3,
    }


def test_a_password_that_is_also_the_connections_name_can_still_be_confirmed() -> None:
    """postgres://warehouse:warehouse@localhost/warehouse is what half of all developers use."""
    learn_secret("warehouse")
    error = envelope_error(ConfirmationRequired("Please.", confirm="warehouse", losses=["x"]))
    assert error["details"]["confirm"] == "warehouse"


def test_a_files_own_text_comes_back_as_it_is() -> None:
    """The editor may save it again: a mask in it would damage the file."""
    learn_secret("orders-table")
    error = envelope_error(EditedOnDisk("It changed.", content="-- orders-table\nSELECT 1;"))
    assert error["details"]["content"] == "-- orders-table\nSELECT 1;"


def test_messages_and_hints_are_redacted() -> None:
    learn_secret("hint-secret-7")
    error = envelope_error(AppError("hint-secret-7 failed", hint="Try hint-secret-7"))
    assert (error["message"], error["hint"]) == ("*** failed", "Try ***")


def test_the_log_file_holds_no_secret_not_even_in_a_traceback(tmp_path: Path) -> None:
    learn_secret("log-secret-13")
    path = log.configure(tmp_path)
    try:
        try:
            raise ValueError("the log-secret-13 in an exception")
        except ValueError:
            logging.getLogger("x").exception("with %s", "log-secret-13")
        written = path.read_text()
        assert "ValueError" in written and "log-secret-13" not in written
        assert path.stat().st_mode & 0o077 == 0
    finally:
        log.configure(tmp_path / "elsewhere")


_DETAILS = st.recursive(
    st.sampled_from(
        ["{}", "before {} after", "postgres://app:{}@host/shop", "password={}", "'{}'", "x\n{}\ny"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "path", "content", "statement", "cause", "details", "{}"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def _filled(shape: object, secret: str) -> Any:
    if isinstance(shape, str):
        return shape.replace("{}", secret)
    if isinstance(shape, dict):
        return {key.replace("{}", secret): _filled(item, secret) for key, item in shape.items()}
    return [_filled(item, secret) for item in shape] if isinstance(shape, list) else shape


@given(st.text(_PRINTABLE, min_size=1, max_size=12), _DETAILS)
@settings(max_examples=80, deadline=None)
def test_no_secret_stands_in_the_report_of_an_error_wherever_it_was(core: str, shape: object) -> None:
    secret = f"§{uuid.uuid4().hex}§{core}"
    learn_secret(secret)
    error = {
        "code": "migration_failed",
        "title": f"It is {secret}",
        "message": f"Refused: {secret}",
        "details": {"it": _filled(shape, secret), "content": secret},
    }
    report = ErrorReports(None).report(ErrorReportRequest(error=error))  # type: ignore[arg-type]
    for text in (report.title, report.details, report.markdown):
        assert secret[1:33] not in text and "migration_failed" in report.details
