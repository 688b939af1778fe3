"""ClickHouse's Native format at the revision a client asks for. Pure: bytes in, bytes out.

The engine writes revision 0. From revision 1 a block begins with block info, and from 54454 each column carries
a byte that says whether its serialization is a custom one; without them clickhouse-go reads nonsense. Putting
them in means knowing where each column ends, hence the walk over the types below.
"""

from __future__ import annotations

import re
import struct

BLOCK_INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"
CUSTOM_SERIALIZATION_REVISION = 54454

WIDTHS = {
    **dict.fromkeys(("UInt8", "Int8", "Bool", "Enum8", "Nothing"), 1),
    **dict.fromkeys(("UInt16", "Int16", "Date", "Enum16", "BFloat16"), 2),
    **dict.fromkeys(("UInt32", "Int32", "Float32", "Date32", "DateTime", "IPv4", "Time", "Decimal32"), 4),
    **dict.fromkeys(("UInt64", "Int64", "Float64", "DateTime64", "Time64", "Decimal64"), 8),
    **dict.fromkeys(("UInt128", "Int128", "UUID", "IPv6", "Decimal128"), 16),
    **dict.fromkeys(("UInt256", "Int256", "Decimal256"), 32),
}
ALIASES = {
    "Point": "Tuple(Float64, Float64)",
    "Ring": "Array(Point)",
    "LineString": "Array(Point)",
    "MultiLineString": "Array(LineString)",
    "Polygon": "Array(Ring)",
    "MultiPolygon": "Array(Polygon)",
}
DECIMAL_WIDTHS = ((9, 4), (18, 8), (38, 16), (76, 32))
HAS_ADDITIONAL_KEYS = 0x200
NAMED_ELEMENT = re.compile(r"^(?:[A-Za-z_]\w*|`(?:[^`\\]|\\.)*`)\s+(?=[A-Z])")


class UnknownType(Exception):
    """A type whose layout is not known here."""


def at_revision(data: bytes, revision: int) -> bytes:
    """The same blocks as a client of that revision expects them. Raises UnknownType."""
    if revision == 0 or not data:
        return data
    out = bytearray()
    pos = 0
    while pos < len(data):
        out += BLOCK_INFO
        start = pos
        columns, pos = varint(data, pos)
        rows, pos = varint(data, pos)
        out += data[start:pos]
        for _ in range(columns):
            start = pos
            _, pos = string(data, pos)
            type_name, pos = string(data, pos)
            out += data[start:pos]
            if revision >= CUSTOM_SERIALIZATION_REVISION:
                out += b"\x00"
            start = pos
            pos = column_end(type_name.decode(), rows, data, pos)
            out += data[start:pos]
    return bytes(out)


def column_end(type_name: str, rows: int, data: bytes, pos: int) -> int:
    """Where a column of that type and so many rows ends."""
    return skip(type_name, rows, data, skip_prefix(type_name, pos) if rows else pos)


def varint(data: bytes, pos: int) -> tuple[int, int]:
    """A LEB128 number and the position after it."""
    value = shift = 0
    while True:
        byte = data[pos]
        pos += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, pos
        shift += 7


def string(data: bytes, pos: int) -> tuple[bytes, int]:
    """A length-prefixed string and the position after it."""
    length, pos = varint(data, pos)
    return data[pos : pos + length], pos + length


def split_type(type_name: str) -> tuple[str, list[str]]:
    """`Tuple(a UInt8, Array(String))` gives `Tuple` and its arguments, commas in brackets and quotes kept."""
    name, bracket, rest = type_name.partition("(")
    if not bracket:
        return name, []
    arguments, depth, quote, start = [], 0, "", 0
    inside = rest[:-1]
    for index, char in enumerate(inside):
        if quote:
            quote = "" if char == quote and inside[index - 1] != "\\" else quote
        elif char in "'`":
            quote = char
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "," and depth == 0:
            arguments.append(inside[start:index].strip())
            start = index + 1
    return name, [*arguments, inside[start:].strip()]


def elements(type_name: str) -> tuple[str, list[str]]:
    """The type's name and the types it is made of, in the order they are written."""
    name, arguments = split_type(ALIASES.get(type_name, type_name))
    if name in ("Tuple", "Nested"):
        inner = [NAMED_ELEMENT.sub("", argument) for argument in arguments]
        return ("Array", [f"Tuple({', '.join(inner)})"]) if name == "Nested" else (name, inner)
    if name == "Map":
        return "Array", [f"Tuple({', '.join(arguments)})"]
    if name == "SimpleAggregateFunction":
        return elements(arguments[1])
    return name, arguments


def skip_prefix(type_name: str, pos: int) -> int:
    """Past what stands once before a whole column: the version of each LowCardinality in it."""
    name, inner = elements(type_name)
    if name == "LowCardinality":
        return pos + 8
    if name in ("Array", "Tuple", "Nullable"):
        for element in inner:
            pos = skip_prefix(element, pos)
    return pos


def skip(type_name: str, rows: int, data: bytes, pos: int) -> int:
    """Past the values of so many rows."""
    name, inner = elements(type_name)
    if name in WIDTHS or name.startswith("Interval"):
        return pos + rows * WIDTHS.get(name, 8)
    if name == "String":
        for _ in range(rows):
            length, pos = varint(data, pos)
            pos += length
        return pos
    if name == "FixedString":
        return pos + rows * int(inner[0])
    if name == "Decimal":
        precision = int(inner[0])
        return pos + rows * next(width for most, width in DECIMAL_WIDTHS if precision <= most)
    if name == "Nullable":
        return skip(inner[0], rows, data, pos + rows)
    if name == "Tuple":
        for element in inner:
            pos = skip(element, rows, data, pos)
        return pos
    if name == "Array":
        total = struct.unpack_from("<Q", data, pos + 8 * (rows - 1))[0] if rows else 0
        return skip(inner[0], total, data, pos + 8 * rows)
    if name == "LowCardinality":
        return skip_low_cardinality(inner[0], rows, data, pos)
    raise UnknownType(type_name)


def skip_low_cardinality(element: str, rows: int, data: bytes, pos: int) -> int:
    """Past the dictionary of distinct values and the index of each row into it."""
    if rows == 0:
        return pos
    (flags,) = struct.unpack_from("<Q", data, pos)
    pos += 8
    if flags & HAS_ADDITIONAL_KEYS:
        (keys,) = struct.unpack_from("<Q", data, pos)
        name, inner = split_type(element)
        pos = skip(inner[0] if name == "Nullable" else element, keys, data, pos + 8)
    (indexes,) = struct.unpack_from("<Q", data, pos)
    return int(pos + 8 + indexes * (1 << (flags & 0xFF)))
