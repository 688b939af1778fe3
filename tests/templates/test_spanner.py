"""Spanner has no server to test on: its templates are rendered and read by PostgreSQL's parser, whose dialect it takes."""

from __future__ import annotations

import postgast
import pytest

from backend.services.templates.files import TemplateFile
from tests.kit import Toolkit
from tests.templates.seeds import NASTY, Names
from tests.templates.test_round_trip import shipped, values_for


@pytest.mark.parametrize("template", [pytest.param(one, id=one.id) for one in shipped("spanner")])
@pytest.mark.parametrize("kind", ["plain", "nasty"])
def test_what_it_renders_is_read(toolkit: Toolkit, template: TemplateFile, kind: str) -> None:
    shop = toolkit.connect("spanner-postgres://127.0.0.1:1/shop?sslmode=disable", "far")
    names = Names(NASTY, " \"ü'", "My app") if kind == "nasty" else Names()
    rendered = shop.call("template:render", template=template.id, values=values_for(template, names, every=kind == "nasty"))
    for file in rendered["files"]:
        assert not file["transaction"] and not file["transaction_down"], "Spanner runs DDL outside a transaction"
        for half in (file["up"], file["down"]):
            # What only Spanner says.
            postgast.parse(half.replace(" SQL SECURITY INVOKER", ""))
