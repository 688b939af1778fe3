"""The schema looked at: tables found in the diagram, opened, followed, taken along as a picture and as a document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.scenes import Stage
from tests.ui.scenes_schema_browse import draws, many, opens, ten_tables
from tests.ui.user import User


@pytest.fixture
def shop(app: App, tmp_path: Path) -> Shop:
    return ten_tables(Stage(app.toolkit, tmp_path))


@pytest.fixture
def crowd(app: App, tmp_path: Path) -> Shop:
    return many(Stage(app.toolkit, tmp_path))


def box(page: Page, table: str):  # type: ignore[no-untyped-def]
    return page.locator(f".react-flow__node[data-id='{table}']")


PAINTED = """(canvas, token) => {
    const asked = document.createElement('canvas').getContext('2d');
    asked.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(token);
    asked.fillRect(0, 0, 1, 1);
    const wanted = asked.getImageData(0, 0, 1, 1).data;
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let count = 0;
    for (let at = 0; at < pixels.length; at += 4)
        if (pixels[at + 3] > 128 && [0, 1, 2].every((one) => Math.abs(pixels[at + one] - wanted[one]) < 8)) count++;
    return count;
}"""
AT = """(canvas, [x, y]) => {
    const { left, top } = canvas.getBoundingClientRect();
    const around = canvas.getContext('2d').getImageData(x - left, y - top - 4, 1, 9).data;
    return around.some((one, at) => at % 4 === 3 && one > 0);
}"""


def painted(page: Page, token: str) -> int:
    """How many pixels of the lines have a colour of the theme."""
    found: int = page.get_by_role("img", name="relation").evaluate(PAINTED, token)
    return found


def line_at(page: Page, x: float, y: float) -> bool:
    found: bool = page.get_by_role("img", name="relation").evaluate(AT, [x, y])
    return found


def details(user: User, table: str):  # type: ignore[no-untyped-def]
    return user.page.get_by_role("complementary", name=f"Details of {table}")


def test_a_table_is_found_in_the_diagram_and_its_details_lead_on(user: User, shop: Shop) -> None:
    opens(user, shop.id, "diagram")
    draws(user, "11 tables, 12 relations")
    assert painted(user.page, "--control-border") > 100
    user.page.keyboard.press("/")
    expect(user.page.get_by_role("textbox", name="Find a table")).to_be_focused()
    user.page.keyboard.type("order it")
    user.page.keyboard.press("Enter")
    expect(details(user, "order_items")).to_contain_text("quantity")
    expect(box(user.page, "order_items")).to_be_in_viewport()
    # At a size one can read.
    expect(user.page.get_by_text(re.compile(r"^\d+ %$"))).to_have_text("100 %")
    details(user, "order_items").get_by_role("button", name="products").click()
    expect(details(user, "products")).to_contain_text("price_cents >= 0")
    details(user, "products").get_by_role("link", name="Open in Tables").click()
    expect(user.page.get_by_role("option", name="products")).to_have_attribute("aria-selected", "true")


def test_the_pointer_on_a_table_lights_its_relations(user: User, shop: Shop) -> None:
    opens(user, shop.id, "diagram")
    draws(user, "11 tables, 12 relations")
    assert painted(user.page, "--accent") == 0
    box(user.page, "payments").hover()
    expect(box(user.page, "orders").locator("> div")).to_have_class(re.compile("near"))
    one = painted(user.page, "--accent")
    box(user.page, "orders").hover()
    expect(box(user.page, "customers").locator("> div")).to_have_class(re.compile("near"))
    assert painted(user.page, "--accent") > one > 0
    user.page.mouse.move(2, 2)
    expect(box(user.page, "customers").locator("> div")).not_to_have_class(re.compile("near"))
    assert painted(user.page, "--accent") == 0


def test_a_box_that_is_moved_takes_its_lines_along(user: User, shop: Shop) -> None:
    opens(user, shop.id, "diagram")
    draws(user, "11 tables, 12 relations")
    countries = box(user.page, "countries")
    was = countries.bounding_box()
    assert was is not None
    user.page.mouse.move(was["x"] + 20, was["y"] + 8)
    user.page.mouse.down()
    user.page.mouse.move(was["x"] + 20, was["y"] + 90, steps=6)
    user.page.mouse.up()
    now = countries.bounding_box()
    assert now is not None
    assert now["y"] > was["y"] + 40
    assert line_at(user.page, now["x"] + now["width"] + 3, now["y"] + now["height"] / 2)


def test_a_box_opens_by_key_and_the_details_close_by_key(user: User, shop: Shop) -> None:
    opens(user, shop.id, "diagram")
    draws(user, "11 tables, 12 relations")
    box(user.page, "reviews").focus()
    user.page.keyboard.press("Enter")
    expect(details(user, "reviews")).to_contain_text("stars")
    details(user, "reviews").get_by_role("button", name="Close the details").focus()
    user.page.keyboard.press("Escape")
    expect(details(user, "reviews")).to_have_count(0)


def test_of_a_thousand_tables_a_part_is_drawn_and_another_one_chosen(user: User, crowd: Shop) -> None:
    opens(user, crowd.id, "diagram")
    draws(user, "40 tables of 1,000, around table_0000")
    user.page.get_by_role("textbox", name="Find a table").fill("0777")
    user.page.get_by_role("button", name="table_0777", exact=True).click()
    expect(details(user, "table_0777")).to_contain_text("column_0")
    expect(box(user.page, "table_0777")).to_be_visible()
    user.page.get_by_role("checkbox", name="Draw table_0777").click()
    expect(box(user.page, "table_0777")).to_have_count(0)
    user.press("Start over")
    draws(user, "40 tables of 1,000, around table_0000")


def test_the_diagram_is_taken_along_as_svg_and_png(user: User, shop: Shop, tmp_path: Path) -> None:
    opens(user, shop.id, "diagram")
    draws(user, "11 tables, 12 relations")
    for kind, begins in (("SVG", b"<svg xmlns"), ("PNG", b"\x89PNG")):
        user.press("Export")
        user.page.get_by_role("menuitem", name=f"{kind}…").click()
        with user.page.expect_download() as download:
            user.dialog().get_by_role("button", name="Download").click()
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(begins)
        assert len(content) > 5000
    path = tmp_path / "on this machine.svg"
    user.press("Export")
    user.page.get_by_role("menuitem", name="SVG…").click()
    user.dialog().get_by_label("File on this machine").fill(str(path))
    user.dialog().get_by_role("button", name="Save the file").click()
    user.sees("Exported")
    assert "order_items" in path.read_text("utf-8")


def test_tables_are_filtered_opened_followed_and_lead_to_their_migration(user: User, shop: Shop) -> None:
    opens(user, shop.id, "tables")
    user.page.get_by_role("textbox", name="Filter tables").fill("pay")
    user.page.keyboard.press("Enter")
    page = user.page.get_by_role("region", name="payments")
    page.get_by_role("button", name="orders").click()
    page = user.page.get_by_role("region", name="orders", exact=True)
    expect(page.get_by_role("region", name="Indexes")).to_contain_text("where state = 'open'")
    expect(page.get_by_role("region", name="Triggers")).to_contain_text("after insert")
    expect(page.get_by_role("region", name="Pointed at by")).to_contain_text(
        "order_items order_id on delete cascade"
    )
    page.get_by_role("button", name="Show the statements").click()
    expect(page.get_by_role("region", name="Statements of the table")).to_contain_text(
        "CREATE INDEX orders_open"
    )
    page.get_by_role("link", name="create_the_shop").click()
    expect(user.page).to_have_url(re.compile(r"/edit/20260101000000_create_the_shop\.sql\?line=\d+"))


def test_a_thousand_tables_are_a_list_of_the_rows_in_sight(user: User, crowd: Shop) -> None:
    opens(user, crowd.id, "tables")
    listed = user.page.get_by_role("listbox", name="Tables")
    expect(listed.get_by_role("option").first).to_be_visible()
    assert listed.get_by_role("option").count() < 80
    listed.focus()
    user.page.keyboard.press("End")
    expect(user.page.get_by_role("option", name="table_0999")).to_have_attribute("aria-selected", "true")
    expect(user.page.get_by_role("region", name="table_0999")).to_contain_text("column_0")


def test_the_document_is_shown_leads_within_itself_and_is_exported(
    user: User, shop: Shop, tmp_path: Path
) -> None:
    opens(user, shop.id, "docs")
    document = user.page.frame_locator("iframe[title='Documentation']")
    expect(document.get_by_role("heading", name="ten tables")).to_be_visible()
    document.get_by_role("navigation").get_by_role("link", name="reviews").click()
    expect(document.get_by_role("heading", name=re.compile("^reviews"))).to_be_in_viewport()
    path = tmp_path / "docs.html"
    user.press("Export")
    user.page.get_by_role("menuitem", name="HTML…").click()
    user.dialog().get_by_label("File on this machine").fill(str(path))
    user.dialog().get_by_role("button", name="Save the file").click()
    user.sees("Exported")
    # On its own, from the disk: it searches.
    other = user.page.context.new_page()
    other.goto(path.as_uri())
    other.get_by_role("searchbox", name="Search names").fill("price_cents")
    expect(other.get_by_role("navigation").get_by_role("listitem")).to_have_text(re.compile("products"))
    user.page.bring_to_front()
    user.page.get_by_text("Markdown", exact=True).click()
    expect(user.page.get_by_role("region", name="Documentation as Markdown")).to_contain_text("erDiagram")
