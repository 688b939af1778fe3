"""rule:* – the risk rules and their pages, as they can be read without a network."""

from __future__ import annotations

from backend.models.base import Model
from backend.models.connection import EngineName
from backend.models.finding import RuleInfo
from backend.rpc.registry import channel
from backend.services import Services
from backend.services.rule_pages import page_of, rules_of


class ListRequest(Model):
    engine: EngineName | None = None
    """Absent: the rules of every engine."""


class RuleList(Model):
    rules: list[RuleInfo]


class ReadRequest(Model):
    code: str


class RulePage(Model):
    info: RuleInfo
    markdown: str
    """The rule's page: what goes wrong, what to do, examples."""


@channel("rule:list")
def list_(services: Services, request: ListRequest) -> RuleList:
    """The risk rules, by code."""
    return RuleList(rules=rules_of(request.engine))


@channel("rule:read")
def read(services: Services, request: ReadRequest) -> RulePage:
    """One rule and its page. Raises not_found."""
    info, markdown = page_of(request.code)
    return RulePage(info=info, markdown=markdown)
