"""template:* – migrations with fields to fill in: shipped, the user's own and the team's."""

from __future__ import annotations

from pydantic import Field

from backend.models.base import Model
from backend.models.requests import OfConnection
from backend.models.template import RenderedTemplate, Template, TemplateList
from backend.rpc.registry import channel
from backend.services import Services


class TemplateRequest(Model):
    connection: str
    template: str
    """The template's id."""
    values: dict[str, object] = Field(default_factory=dict)
    """Values by field; for `template:get` those chosen so far."""


@channel("template:list")
def list_(services: Services, request: OfConnection) -> TemplateList:
    """Every template of the connection's engine, and the files that cannot be used."""
    return services.templates.list(request.connection)


@channel("template:get")
def get(services: Services, request: TemplateRequest) -> Template:
    """One template, its fields with choices from the live database."""
    return services.templates.get(request.connection, request.template, request.values)


@channel("template:render")
def render(services: Services, request: TemplateRequest) -> RenderedTemplate:
    """The migration, or migrations, that a template makes of the values; nothing is written."""
    return services.templates.render(request.connection, request.template, request.values)
