"""A registry under test: one database that is emptied between journals, and its questions asked in one call each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg
import psycopg
from psycopg import sql

from registry import database
from registry.exchange.journal import export_journal
from registry.projections.tables import TABLES
from registry.queries.certificates import services
from registry.queries.holdings import holdings, powers
from registry.queries.units import units
from registry.recording.journal_import import import_journal
from registry.recording.unit_of_work import JournalRefused
from registry.relations.two_times import AsOf

_LOG = (
    sql.Identifier("log", "decision"),
    *(sql.Identifier("log", table) for table in ("tag", "ancestor", "checkpoint", "cosignature")),
    *(sql.Identifier("judged", table) for table in ("event", "standing", "day", "progress")),
    *(sql.Identifier("handed_in", table) for table in ("file", "answer")),
)


def empty(connection: psycopg.Connection[Any]) -> None:
    """Delete every decision and what follows from them; much faster than a new database."""
    tables = (*_LOG, *(sql.Identifier("live", table.name) for table in TABLES))
    with connection.transaction():
        connection.execute(sql.SQL(";").join(sql.SQL("DELETE FROM {}").format(table) for table in tables))


@dataclass(frozen=True)
class Registry:
    """A migrated database, a connection that records and a pool that answers."""

    connection: psycopg.Connection[Any]
    pool: asyncpg.Pool[Any]
    runner: asyncio.Runner

    def empty(self) -> None:
        empty(self.connection)

    def import_lines(self, lines: Iterable[bytes]) -> list[tuple[int, str]]:
        """Import into the emptied registry; gives the line and code of every bad line."""
        self.empty()
        try:
            import_journal(self.connection, lines)
        except JournalRefused as refused:
            return [(error.line, error.code) for error in refused.errors]
        return []

    def exported(self) -> list[bytes]:
        return list(export_journal(self.connection))

    def rows(self) -> dict[str, list[Any]]:
        """Every row of every read table, and of the log all but the times."""
        rows: dict[str, list[Any]] = {}
        for table in TABLES:
            # As text: Python has no day for infinity.
            statement = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier("live", table.name))
            rows[table.name] = sorted(self.connection.execute(statement))
        log = "SELECT position, type, version, data, tags FROM log.decision ORDER BY position"
        rows["log.decision"] = list(self.connection.execute(log))
        rows["log.tag"] = list(self.connection.execute("SELECT tag, position FROM log.tag ORDER BY tag, position"))
        self.connection.rollback()
        return rows

    def units(self, as_of: str, known: int, codes: list[str]) -> dict[str, units.Unit]:
        return self.runner.run(units.units(self.pool, as_of_known(as_of, known), codes))

    def services(self, as_of: str, known: int, matter: str) -> list[str]:
        """The services that include a matter."""
        offered = self.runner.run(services.services(self.pool, as_of_known(as_of, known)))
        return [service.code for service in services.including(offered, matter)]

    def held(self, as_of: str, known: int, matter: str, within: str) -> list[tuple[str, str | None, str, str]]:
        """The holdings of a matter in a territory: unit, role, by, subject."""
        rows = self.runner.run(holdings.holders(self.pool, as_of_known(as_of, known), matter, within))
        return [(held.unit, held.role, held.by, held.subject) for held in rows]

    def powers(self, as_of: str, known: int, codes: list[str]) -> dict[str, list[str]]:
        """The powers that each unit effectively holds."""
        of_units = powers.powers(self.connection, as_of_known(as_of, known), codes)
        self.connection.rollback()
        return {unit: [power.power for power in of if power.effective] for unit, of in of_units.items()}


def as_of_known(as_of: str, known: int) -> AsOf:
    return AsOf(date.fromisoformat(as_of), known)


@contextmanager
def open_registry(url: str) -> Iterator[Registry]:
    """Open a registry over a migrated database."""
    with asyncio.Runner() as runner, database.connect(url) as connection:
        pool = runner.run(database.pool(url, min_size=1, max_size=1))
        yield Registry(connection, pool, runner)
        runner.run(pool.close())
