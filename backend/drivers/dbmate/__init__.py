"""dbmate: the grammar of its files and how it is run."""

from .tool import DbmateTool

__all__ = ["DbmateTool"]
