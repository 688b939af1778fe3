"""What may have been renamed: asked of the user, so it must be likely, and each name is used once."""

from __future__ import annotations

from backend.engine.schema.renames import ColumnShape, TableShape, guess


def table(name: str, *columns: str, place: object = None) -> TableShape:
    """Columns as `name type`."""
    return TableShape(name, tuple(ColumnShape(*column.split(" ", 1)) for column in columns), place)


USERS = table("users", "id int", "mail text", "age int")


def pairs(before: dict[str, TableShape], after: dict[str, TableShape]) -> list[tuple[str, str]]:
    return [(one.old, one.new) for one in guess(before, after)]


def test_a_column_of_the_same_type_in_the_same_place_is_likely() -> None:
    after = {"t": table("users", "id int", "email text", "age int")}
    assert pairs({"t": USERS}, after) == [("column t.mail", "column t.email")]


def test_a_column_of_another_type_is_not_a_renamed_one() -> None:
    assert pairs({"t": USERS}, {"t": table("users", "id int", "email int8", "age int")}) == []


def test_a_table_with_most_columns_alike_is_likely_and_its_columns_are_looked_at() -> None:
    after = {"n": table("people", "id int", "mail text", "aged int")}
    more = table("people", "id int", "mail text", "aged int", "a int", "b int", "c int", "d int")
    assert pairs({"o": USERS}, {"n": more}) == []
    alike = table("members", "id int", "mail text", "age int", "aged int")
    assert pairs({"o": USERS}, {"n": alike}) == [("o", "n")]
    assert pairs({"o": table("people", "id int", "mail text", "age int")}, after) == [
        ("o", "n"),
        ("column o.age", "column n.aged"),
    ]


def test_a_table_does_not_move_to_another_schema_by_a_rename() -> None:
    there = table("users", "id int", "mail text", "age int", place="b")
    here = table("users", "id int", "mail text", "age int", place="a")
    assert pairs({"a": here}, {"b": there}) == []


def test_each_name_is_used_once_and_the_likeliest_wins() -> None:
    before = {"t": table("t", "note text", "id int")}
    after = {"t": table("t", "notes text", "id int", "nota text")}
    assert pairs(before, after) == [("column t.note", "column t.notes")]


def test_a_name_in_another_case_is_the_same_where_the_engine_says_so() -> None:
    def shape(name: str) -> TableShape:
        return TableShape("t", (ColumnShape(name, "text", folded=name.lower()),))

    assert pairs({"t": shape("Name")}, {"t": shape("NAME")}) == []
