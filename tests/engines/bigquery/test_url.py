"""BigQuery URLs: what is understood, what is mended, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import InvalidUrl
from backend.engines.bigquery import ENGINE

_NAME = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1)
FIELDS = st.fixed_dictionaries(
    {"project": _NAME.map(lambda text: f"p-{text}"), "dataset": _NAME.map(lambda text: f"{text}_D")},
    optional={
        "location": st.sampled_from(["us", "EU", "europe-west3", "${PLACE}"]),
        "endpoint": st.sampled_from(["http://localhost:9050/bigquery/v2/", "${ENDPOINT}"]),
        "disable_auth": st.just("true"),
        "options": st.just("scopes=a%2Fb&x=%26%20%25"),
    },
)


@given(FIELDS)
def test_what_the_form_holds_comes_back_from_the_url(fields: dict[str, str]) -> None:
    built = ENGINE.build_url(fields)
    assert ENGINE.split_url(built) == fields
    assert ENGINE.check_url(built) == built


@pytest.mark.parametrize(
    ("given_url", "checked"),
    [
        ("bigquery://p/eu/d", "bigquery://p/eu/d"),
        ("bigquery://p/d", "bigquery://p/d"),
        (
            "bigquery://localhost:9050/p/eu/d?disable_auth=true",
            "bigquery://p/eu/d?disable_auth=true&endpoint=http%3A%2F%2Flocalhost%3A9050%2Fbigquery%2Fv2%2F",
        ),
        ("bigquery://h:1/p/d", "bigquery://p/d?endpoint=http%3A%2F%2Fh%3A1%2Fbigquery%2Fv2%2F"),
        (
            "bigquery://p/d?endpoint=http://h:1",
            "bigquery://p/d?endpoint=http%3A%2F%2Fh%3A1%2Fbigquery%2Fv2%2F",
        ),
        ("bigquery://p/d?endpoint=https://h/x", "bigquery://p/d?endpoint=https%3A%2F%2Fh%2Fx%2F"),
        (
            "bigquery://${PROJECT}/${LOCATION}/shop_${STAGE}",
            "bigquery://${PROJECT}/${LOCATION}/shop_${STAGE}",
        ),
    ],
)
def test_a_url_is_mended_where_its_meaning_is_clear(given_url: str, checked: str) -> None:
    assert ENGINE.check_url(given_url) == checked
    assert ENGINE.check_url(checked) == checked


@pytest.mark.parametrize(
    "wrong",
    [
        "bigquery://p",
        "bigquery:///eu/d",
        "bigquery://u:secret@p/eu/d",
        "bigquery://p/eu/d/e",
        "bigquery://p/eu/no-dash",
        "bigquery://example.com:p/eu/d",
        "bigquery://h:9050/p",
        "postgres://p/d",
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_hint(wrong: str) -> None:
    with pytest.raises(InvalidUrl) as refused:
        ENGINE.check_url(wrong)
    assert refused.value.hint
    assert "secret" not in refused.value.message
    assert "secret" not in ENGINE.redact_url(wrong)


def test_there_is_no_password_to_keep() -> None:
    assert ENGINE.password_of("bigquery://p/eu/d") is None
    assert ENGINE.with_password("bigquery://p/eu/d", "x") == "bigquery://p/eu/d"


def test_every_capability_is_stated_with_a_reason_where_it_is_missing() -> None:
    for name, capability in ENGINE.capabilities().items():
        assert capability.supported or (capability.reason and capability.reason.endswith(".")), name
