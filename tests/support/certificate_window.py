"""A village window of the demo county, at which certificates are asked for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg

from registry.queries import certificates
from registry.queries.certificates import Answer

VILLAGE = "420684103205"
DAY = date(2026, 11, 1)


@dataclass(frozen=True)
class Window:
    """The demo county: a database, a pool on it, and what its village may and may not issue."""

    url: str
    runner: asyncio.Runner
    pool: asyncpg.Pool[Any]
    listed: tuple[certificates.Certificate, ...]

    def ask(self, text: str) -> Answer:
        return self.runner.run(certificates.answer(self.pool, VILLAGE, text, DAY))
