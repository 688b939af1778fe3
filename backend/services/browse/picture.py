"""A diagram as SVG for documents: boxes in layers, what is pointed at to the left, lines between the columns. Pure.

The window lays diagrams out better, with a library for it; a document that is written without a window has this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from backend.models.schema_detail import Diagram, DiagramEdge, DiagramNode

_ROW_PX = 18
_HEAD_PX = 26
_PAD_PX = 24
_GAP_X_PX = 90
_GAP_Y_PX = 28
_CHARACTER_PX = 6.6
"""Of the 11 px monospaced type the boxes are written in."""
_MOST_COLUMNS = 24
"""Rows of a box; the rest is counted."""
_LONGEST = 30
_SWEEPS = 6


@dataclass(slots=True)
class _Box:
    node: DiagramNode
    title: str
    rows: list[tuple[str, str, bool, bool]]
    """(name, type, is primary key, is foreign key)"""
    width: float
    height: float
    x: float = 0
    y: float = 0

    def row_y(self, column: str | None) -> float:
        """The middle of a column's row; of the head where it has none."""
        for index, row in enumerate(self.rows):
            if row[0] == column:
                return self.y + _HEAD_PX + index * _ROW_PX + _ROW_PX / 2
        return self.y + _HEAD_PX / 2


def svg(diagram: Diagram, names: Mapping[str, str], links: Mapping[str, str]) -> str:
    """The picture; `names` and `links` (the addresses of boxes) by table id. Colours come from CSS variables."""
    boxes = {node.id: _box(node, names.get(node.id, node.name)) for node in diagram.nodes}
    edges = [one for one in diagram.edges if one.table in boxes and one.to_table in boxes]
    width, height = _placed(boxes, edges)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-label="Diagram of {len(boxes)} tables" class="er">'
    ]
    parts += [_line(boxes, edge) for edge in edges]
    for box in boxes.values():
        parts += _drawn(box, links.get(box.node.id))
    return "\n".join([*parts, "</svg>"])


def _box(node: DiagramNode, title: str) -> _Box:
    shown = node.columns[:_MOST_COLUMNS]
    rows = [(one.name, _cut(one.type), one.primary_key, one.foreign_key) for one in shown]
    longest = max((len(_cut(name)) + len(type_) + 4 for name, type_, *_ in rows), default=0)
    width = max(120.0, 20 + _CHARACTER_PX * max(longest, len(_cut(title)) + 2))
    more = 1 if len(node.columns) > len(shown) else 0
    return _Box(node, title, rows, width, _HEAD_PX + _ROW_PX * (len(rows) + more) + 6)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _placed(boxes: dict[str, _Box], edges: list[DiagramEdge]) -> tuple[float, float]:
    """Give every box its place; the size of it all."""
    if not boxes:
        return 0, 0
    connected = {one.table for one in edges} | {one.to_table for one in edges}
    alone = [box for id_, box in boxes.items() if id_ not in connected]
    layers = _layers([id_ for id_ in boxes if id_ in connected], edges)
    heights = [sum(boxes[id_].height + _GAP_Y_PX for id_ in layer) for layer in layers]
    tallest = max(heights, default=0)
    x = float(_PAD_PX)
    for layer, height in zip(layers, heights, strict=True):
        y = _PAD_PX + (tallest - height) / 2
        for id_ in layer:
            boxes[id_].x, boxes[id_].y = x, y
            y += boxes[id_].height + _GAP_Y_PX
        x += max(boxes[id_].width for id_ in layer) + _GAP_X_PX
    bottom = _shelved(alone, _PAD_PX + tallest, max(x, 900.0))
    right = max(box.x + box.width for box in boxes.values())
    return right + _PAD_PX, max(bottom, _PAD_PX + tallest) + _PAD_PX


def _shelved(boxes: list[_Box], y: float, width: float) -> float:
    """Boxes without relations, in rows under the others; where the last row ends."""
    x, row = float(_PAD_PX), 0.0
    for box in sorted(boxes, key=lambda one: one.height):
        if x + box.width > width and row:
            x, y, row = float(_PAD_PX), y + row + _GAP_Y_PX, 0.0
        box.x, box.y = x, y
        x += box.width + _GAP_Y_PX
        row = max(row, box.height)
    return y + row


def _layers(ids: list[str], edges: list[DiagramEdge]) -> list[list[str]]:
    """A table stands to the right of all it points at, except on a cycle; within a layer near its neighbours."""
    to: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        if edge.table != edge.to_table:
            to[edge.table].append(edge.to_table)
    rank: dict[str, int] = {}
    for start in ids:
        _rank(start, to, rank)
    layers: list[list[str]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for id_ in ids:
        layers[rank[id_]].append(id_)
    around: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        around[edge.table].append(edge.to_table)
        around[edge.to_table].append(edge.table)
    for sweep in range(_SWEEPS):
        place = {id_: index / max(1, len(layer)) for layer in layers for index, id_ in enumerate(layer)}
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            layer.sort(
                key=lambda id_: (sum(place[one] for one in around[id_]) / max(1, len(around[id_])), id_)
            )
            place |= {id_: index / max(1, len(layer)) for index, id_ in enumerate(layer)}
    return [layer for layer in layers if layer]


def _rank(start: str, to: Mapping[str, list[str]], rank: dict[str, int]) -> None:
    """The longest way down from `start`, without recursion; an edge back into the way taken is left out."""
    stack: list[tuple[str, Iterator[str]]] = [(start, iter(to[start]))]
    on_way = {start}
    while stack:
        id_, following = stack[-1]
        deeper = next((one for one in following if one not in rank and one not in on_way), None)
        if deeper is not None:
            on_way.add(deeper)
            stack.append((deeper, iter(to[deeper])))
            continue
        stack.pop()
        on_way.discard(id_)
        if id_ not in rank:
            rank[id_] = max((rank[one] + 1 for one in to[id_] if one in rank), default=0)


def _line(boxes: dict[str, _Box], edge: DiagramEdge) -> str:
    """A curve from the pointing column to the one pointed at."""
    source, target = boxes[edge.table], boxes[edge.to_table]
    y1 = source.row_y(edge.columns[0] if edge.columns else None)
    y2 = target.row_y(edge.to_columns[0] if edge.to_columns else None)
    if target.x + target.width <= source.x:
        x1, x2, out, into = source.x, target.x + target.width, -1, 1
    elif source.x + source.width <= target.x:
        x1, x2, out, into = source.x + source.width, target.x, 1, -1
    else:  # In one column of boxes, or to itself: around the right side.
        x1, x2, out, into = source.x + source.width, target.x + target.width, 1, 1
    bend = max(30.0, abs(x2 - x1) / 2)
    title = escape(f"{edge.table} ({', '.join(edge.columns)}) → {edge.to_table}")
    dashes = ' class="optional"' if edge.optional else ""
    return (
        f'<g class="edge"><title>{title}</title><path{dashes} d="M {x1:.1f} {y1:.1f} C {x1 + out * bend:.1f} {y1:.1f} '
        f'{x2 + into * bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"/>'
        f'<circle cx="{x2:.1f}" cy="{y2:.1f}" r="3"/></g>'
    )


def _drawn(box: _Box, link: str | None) -> Iterator[str]:
    yield f'<a href="{escape(link)}">' if link else "<g>"
    yield f"<title>{escape(box.title)}</title>"
    yield (
        f'<rect class="box" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="6"/>'
    )
    yield (
        f'<path class="head" d="M {box.x:.1f} {box.y + _HEAD_PX:.1f} v -{_HEAD_PX - 6} q 0 -6 6 -6 '
        f'h {box.width - 12:.1f} q 6 0 6 6 v {_HEAD_PX - 6} z"/>'
    )
    yield f'<text class="name" x="{box.x + 10:.1f}" y="{box.y + 17:.1f}">{escape(_cut(box.title))}</text>'
    for index, (name, type_, is_key, is_foreign) in enumerate(box.rows):
        y = box.y + _HEAD_PX + index * _ROW_PX + 13
        marked = ' class="key"' if is_key else ' class="foreign"' if is_foreign else ""
        yield f'<text{marked} x="{box.x + 10:.1f}" y="{y:.1f}">{escape(_cut(name))}</text>'
        yield (
            f'<text class="type" text-anchor="end" x="{box.x + box.width - 10:.1f}" y="{y:.1f}">'
            f"{escape(type_)}</text>"
        )
    hidden = len(box.node.columns) - len(box.rows)
    if hidden:
        y = box.y + _HEAD_PX + len(box.rows) * _ROW_PX + 13
        yield f'<text class="type" x="{box.x + 10:.1f}" y="{y:.1f}">{hidden} more</text>'
    yield "</a>" if link else "</g>"
