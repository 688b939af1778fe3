"""Which document a write was refused for, and by which rule: MongoDB's `errInfo` and duplicate keys as sentences. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_MAX_RULES = 5
_DUPLICATE = re.compile(
    r"collection: (?P<collection>\S+)(?: index: (?P<index>\S+))?(?:.* dup key: (?P<key>\{.*\}))?", re.S
)


def duplicate_text(message: str, answer: dict[str, Any]) -> str:
    """Which value is there twice, in which collection and index."""
    found = _DUPLICATE.search(message)
    collection = found["collection"].partition(".")[2] if found else ""
    key = answer.get("keyValue")
    shown = _plain(key) if isinstance(key, dict) else (found["key"] if found and found["key"] else "")
    where = f" in {collection}" if collection else ""
    index = f" (unique index {found['index']})" if found and found["index"] else ""
    return f"There is already a document with {shown or 'this key'}{where}{index}."


def refusal_text(info: Any) -> str:
    """Which document the validator refused, and why."""
    if not isinstance(info, dict):
        return "A document does not fit the collection's validator."
    document = info.get("failingDocumentId")
    name = f"The document with _id {_plain(document)}" if document is not None else "A document"
    rules = list(_rules(info.get("details") or {}, ""))
    told = "; ".join(rules[:_MAX_RULES])
    more = f"; and {len(rules) - _MAX_RULES} more" if len(rules) > _MAX_RULES else ""
    return (
        f"{name} does not fit the collection's validator: {told}{more}."
        if told
        else (f"{name} does not fit the collection's validator.")
    )


def _rules(details: dict[str, Any], path: str) -> Iterator[str]:
    """The broken rules, one sentence each; follows the nesting of properties and logical operators."""
    for rule in details.get("schemaRulesNotSatisfied") or []:
        yield from _schema_rule(rule, path)
    for clause in details.get("clausesNotSatisfied") or []:
        yield from _rules(clause.get("details") or {}, path)
    if (
        "schemaRulesNotSatisfied" not in details
        and "clausesNotSatisfied" not in details
        and details.get("operatorName")
    ):
        yield _operator_rule(details, path)


def _schema_rule(rule: dict[str, Any], path: str) -> Iterator[str]:
    missing = rule.get("missingProperties")
    if missing:
        yield f"{_fields(missing, path)} missing"
        return
    extra = rule.get("additionalProperties")
    if rule.get("operatorName") == "additionalProperties" and isinstance(extra, list):
        yield f"{_fields(extra, path)} not allowed"
        return
    nested = rule.get("propertiesNotSatisfied")
    if nested:
        for item in nested:
            inner = f"{path}{item.get('propertyName')}"
            said = f" ({item['description']})" if item.get("description") else ""
            for detail in item.get("details") or []:
                yield from (text + said for text in _schema_rule(detail, inner + "."))
        return
    if rule.get("details"):
        for detail in rule["details"] if isinstance(rule["details"], list) else [rule["details"]]:
            yield from _schema_rule(detail, path)
        return
    yield _operator_rule(rule, path)


def _operator_rule(rule: dict[str, Any], path: str) -> str:
    field = path.rstrip(".") or "the document"
    reason = rule.get("reason") or f"breaks {rule.get('operatorName', 'a rule')}"
    wanted = rule.get("specifiedAs")
    value = f", found {_plain(rule['consideredValue'])}" if "consideredValue" in rule else ""
    kind = f" ({rule['consideredType']})" if "consideredType" in rule else ""
    return f"{field}: {reason}{value}{kind}" + (f", wanted {_plain(wanted)}" if wanted else "")


def _fields(names: list[str], path: str) -> str:
    verb = "is" if len(names) == 1 else "are"
    return ", ".join(path + str(name) for name in names) + f" {verb}"


def _plain(value: Any) -> str:
    """A value in a message: JSON where it can be, cut where it is long."""
    if isinstance(value, dict) and set(value) == {"$oid"}:
        return str(value["$oid"])
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    text = text.strip('"')
    return text if len(text) <= 200 else text[:200] + "…"
