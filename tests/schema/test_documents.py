"""The schema as a document: complete, self-contained, and nothing of a database's text is markup."""

from __future__ import annotations

import re
import sqlite3
from html.parser import HTMLParser
from pathlib import Path

import pytest

from backend.models.schema_detail import Diagram, DiagramColumn, DiagramEdge, DiagramNode
from backend.services.browse.markdown import code, escaped, mermaid
from backend.services.browse.picture import svg
from tests.kit import ChannelFailed, Shop, Toolkit
from tests.schema import many_tables

HOSTILE = """
CREATE TABLE "<img src=x onerror=alert(1)>" (id INTEGER PRIMARY KEY, "a|b`c" TEXT DEFAULT '</script><script>alert(2)</script>');
CREATE TABLE plain (x INTEGER REFERENCES "<img src=x onerror=alert(1)>" (id), "[y](javascript:alert(3))" TEXT, CHECK (x > 0));
CREATE INDEX "*by* _x_" ON plain (x) WHERE x > 1;
CREATE VIEW seen AS SELECT '```' AS fence, x FROM plain;
CREATE TRIGGER told AFTER INSERT ON plain BEGIN SELECT 1; END;
"""


class Reader(HTMLParser):
    """The elements, ids, links and text of a document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.ids += [value or ""] if name == "id" else []
            self.links += [value or ""] if name in ("href", "src") else []
            self.handlers += [name] if name.startswith("on") else []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture
def hostile(toolkit: Toolkit, tmp_path: Path) -> Shop:
    with sqlite3.connect(tmp_path / "hostile.db") as connection:
        connection.executescript(HOSTILE)
    connection.close()
    return toolkit.connect(f"sqlite:{(tmp_path / 'hostile.db').as_posix()}", "<b>hostile</b>")


def test_the_html_needs_nothing_else_and_runs_only_its_own_script(hostile: Shop) -> None:
    document = hostile.call("schema:docs", format="html")
    read = Reader(document["text"])
    assert (read.tags.count("script"), read.tags.count("img"), read.tags.count("b"), read.handlers) == (
        1,
        0,
        0,
        [],
    )
    assert all(one.startswith("#") for one in read.links)
    assert "default-src 'none'" in document["text"]
    text = "".join(read.words)
    assert "<img src=x onerror=alert(1)>" in text and "</script><script>alert(2)</script>" in text


def test_every_link_of_the_html_leads_somewhere_and_no_id_is_there_twice(hostile: Shop) -> None:
    read = Reader(hostile.call("schema:docs", format="html")["text"])
    assert len(read.ids) == len(set(read.ids))
    assert {one[1:] for one in read.links} <= set(read.ids)


def test_both_formats_tell_columns_relations_indexes_checks_views_and_triggers(hostile: Shop) -> None:
    html = "".join(Reader(hostile.call("schema:docs", format="html")["text"]).words)
    markdown = hostile.call("schema:docs", format="markdown")["text"].replace("\\", "")
    for text in (html, markdown):
        for word in (
            "*by* _x_",
            "x > 1",
            "CHECK (x > 0)",
            "told",
            "after insert",
            "Referenced by",
            "seen",
            "a|b`c",
        ):
            assert word in text, word


def test_in_markdown_names_are_no_markup(hostile: Shop) -> None:
    text = hostile.call("schema:docs", format="markdown")["text"]
    outside = re.sub(r"(`+).*?\1", "", text, flags=re.DOTALL)
    assert "<img" not in outside.replace("\\<", "")
    assert "[y](javascript" not in outside
    assert text.count("```mermaid") == 1


def test_a_document_is_written_to_a_file_and_never_over_another_unasked(
    hostile: Shop, tmp_path: Path
) -> None:
    path = tmp_path / "schema.html"
    written = hostile.call("schema:docs", format="html", path=str(path))
    assert (written["path"], written["text"]) == (str(path), None)
    assert written["size_bytes"] == path.stat().st_size
    with pytest.raises(ChannelFailed) as refused:
        hostile.call("schema:docs", format="html", path=str(path))
    assert refused.value.code == "conflict"
    hostile.call("schema:docs", format="html", path=str(path), overwrite=True)


def test_an_empty_schema_has_a_document_too(sqlite_shop: Shop) -> None:
    for form in ("html", "markdown"):
        document = sqlite_shop.call("schema:docs", format=form)
        assert (document["tables"], document["diagram_tables"]) == (0, 0)


def test_too_many_tables_are_listed_without_a_picture(toolkit: Toolkit, tmp_path: Path) -> None:
    many_tables.write(tmp_path / "many.db", 80)
    shop = toolkit.connect(f"sqlite:{(tmp_path / 'many.db').as_posix()}", "many")
    document = shop.call("schema:docs", format="html")
    assert (document["tables"], document["diagram_tables"]) == (80, 0)
    assert "too many tables for a picture" in document["text"]


def test_a_picture_drawn_by_the_window_is_saved(sqlite_shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "diagram.png"
    saved = sqlite_shop.call("schema:picture", data="aGVsbG8=", path=str(path))
    assert (path.read_bytes(), saved["size_bytes"]) == (b"hello", 5)
    with pytest.raises(ChannelFailed) as refused:
        sqlite_shop.call("schema:picture", data="aGVsbG8=", path=str(path))
    assert refused.value.code == "conflict"


def a_circle() -> Diagram:
    columns = [DiagramColumn(name="id", type='char" varying(3)', primary_key=True)]
    nodes = [DiagramNode(id=one, name=one, columns=columns) for one in ("a", "b", "c", "alone")]
    pairs = [("a", "b"), ("b", "c"), ("c", "a"), ("a", "a")]
    edges = [
        DiagramEdge(id=f"{one}{to}", table=one, to_table=to, columns=["id"], to_columns=["id"])
        for one, to in pairs
    ]
    return Diagram(engine="sqlite", nodes=nodes, edges=edges)


def test_circles_are_drawn_and_no_box_hides_another() -> None:
    text = svg(a_circle(), {}, {})
    boxes = [
        tuple(float(one) for one in found)
        for found in re.findall(
            r'class="box" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', text
        )
    ]
    assert len(boxes) == 4 and text.count('class="edge"') == 4
    for index, (x, y, width, height) in enumerate(boxes):
        for other_x, other_y, other_width, other_height in boxes[index + 1 :]:
            assert (
                x + width <= other_x
                or other_x + other_width <= x
                or y + height <= other_y
                or other_y + other_height <= y
            )


def test_mermaid_gets_plain_words_and_the_real_names_as_labels() -> None:
    lines = list(mermaid(a_circle(), {"a": 'a "quoted" name'}))
    assert '  t0["a #quot;quoted#quot; name"] {' in lines
    assert "    char_varying_3 id PK" in lines
    assert '  t0 }o--|| t1 : "id"' in lines


@pytest.mark.parametrize(
    ("text", "expected"), [("a`b", "``a`b``"), ("`", "`` ` ``"), ("a|b", "`a\\|b`"), ("", "")]
)
def test_code_is_fenced_by_more_than_it_holds(text: str, expected: str) -> None:
    assert code(text) == expected


def test_text_stays_in_its_line() -> None:
    assert escaped("a\n# b") == "a \\# b"
