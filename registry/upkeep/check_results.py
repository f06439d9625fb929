"""What a check of `registry doctor` results in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from registry.domain.text import Text


class Level(Enum):
    """How bad a result is: an error keeps the registry from working, or from being trusted."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a check. `todo`: what to do about it; None where there is nothing to do."""

    name: str
    level: Level
    text: Text
    todo: Text | None = None
