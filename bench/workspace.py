"""Where it is measured: scratch databases on an embedded server of its own, or on REGISTRY_DATABASE_URL's server."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from psycopg import conninfo, sql

from registry import database
from registry.database import embedded


class Workspace:
    """A server, the databases made on it so far, and a folder for files."""

    def __init__(self, server: str, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.made: list[str] = []

    def new(self, name: str) -> str:
        """The address of a new, migrated database."""
        name = f"quanze_bench_{os.getpid()}_{name}"
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        self.made.append(name)
        url = conninfo.make_conninfo(self.server, dbname=name)
        database.connect(url).close()
        return url

    def drop(self, url: str) -> None:
        """Drop a database made here."""
        name = str(conninfo.conninfo_to_dict(url)["dbname"])
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        self.made.remove(name)

    def version(self) -> str:
        """What the server says it is."""
        with psycopg.connect(self.server) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        assert row is not None
        return str(row[0])


@contextmanager
def workspace(*, keep: bool = False) -> Generator[Workspace]:
    """A place to measure in, gone afterwards; `keep`: its databases stay where they are."""
    with ExitStack() as stack:
        folder = Path(
            tempfile.mkdtemp(prefix="quanze-bench-")
            if keep
            else stack.enter_context(tempfile.TemporaryDirectory(prefix="quanze-bench-"))
        )
        folder.chmod(0o755)
        own = not os.environ.get("REGISTRY_DATABASE_URL", "").strip()
        if own:
            os.environ["REGISTRY_HOME"] = str(folder / "home")
        here = Workspace(database.url(), folder)
        try:
            yield here
        finally:
            for made in () if keep else list(here.made):
                here.drop(conninfo.make_conninfo(here.server, dbname=made))
            if own:
                embedded.leave()
