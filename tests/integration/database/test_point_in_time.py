"""Back to a point in time by PostgreSQL's own archiving, as docs/howto/backup-and-restore.md has it."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from registry import database
from registry.database import embedded
from registry.exchange.journal import export_journal
from registry.log.verifying import verify
from registry.recording.unit_of_work import record
from registry.replay import replay
from tests.support.worlds import COUNTY, duty
from tools.clusters import Cluster

OPTIONS = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", f"--username={embedded.NAME}")


@contextmanager
def folders() -> Iterator[tuple[Cluster, Cluster, Path]]:
    """Places for the server, for the one that takes over, and for the archive; both servers are stopped at the end."""
    base = Path(tempfile.mkdtemp(prefix="quanze-", dir="/tmp"))
    base.chmod(base.stat().st_mode | stat.S_IXOTH | stat.S_IXGRP)
    first, second, archive = Cluster(base / "first"), Cluster(base / "second"), base / "archive"
    try:
        for folder in (first.folder, second.folder, archive):
            folder.mkdir()
            if os.geteuid() == 0:
                account = embedded.account_of(folder)
                os.chown(folder, account.pw_uid, account.pw_gid)
        yield first, second, archive
    finally:
        for cluster in (first, second):
            if (cluster.folder / "data").exists():
                cluster.stop()
        shutil.rmtree(base)


def exported(url: str) -> bytes:
    with database.connect(url) as connection:
        assert verify(connection).differs is None
        assert replay(connection).differences == []
        return b"".join(export_journal(connection))


@pytest.mark.slow  # three starts of a server, one of them a recovery
@pytest.mark.parametrize("until_then", [True, False], ids=["to a moment", "to the last that was archived"])
def test_a_lost_machine_is_brought_back(until_then: bool) -> None:
    with folders() as (first, second, archive):
        first.run("initdb", "-D", "data", *OPTIONS)
        command = f"test ! -f {archive}/%f && cp %p {archive}/%f"
        first.configure(fsync="off", archive_mode="on", archive_command=command.replace("'", "''"))
        first.start()
        server = f"host='{first.folder}' user={embedded.NAME} dbname=postgres"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {embedded.NAME}".encode())
        with database.connect(first.url) as connection:
            record(connection, COUNTY)
        base = ("-X", "stream", "-c", "fast", "-h", str(first.folder), "-U", embedded.NAME)
        second.run("pg_basebackup", "-D", "data", *base)
        with database.connect(first.url) as connection:
            record(connection, [duty("BEFORE")])
            then = b"".join(export_journal(connection))
            row = connection.execute("SELECT clock_timestamp()").fetchone()
            time.sleep(0.01)
            record(connection, [duty("AFTER")])
            last = b"".join(export_journal(connection))
            connection.execute("SELECT pg_switch_wal()")
        assert row is not None
        first.stop("fast")  # archives what it has; a machine that is lost loses at most archive_timeout
        settings = {
            "archive_mode": "off",
            "restore_command": f"cp {archive}/%f %p",
            "recovery_target_action": "promote",
        }
        if until_then:
            settings["recovery_target_time"] = row[0].isoformat()
        second.configure(fsync="off", **settings)
        signal_file = second.folder / "data/recovery.signal"
        signal_file.touch()
        if os.geteuid() == 0:
            account = embedded.account_of(second.folder)
            os.chown(signal_file, account.pw_uid, account.pw_gid)
        second.start()
        _promoted(second)
        assert exported(second.url) == (then if until_then else last)
        with database.connect(second.url) as connection:
            assert record(connection, [duty("NEW")]).positions == [then.count(b"\n") + (1 if until_then else 2)]


def _promoted(cluster: Cluster) -> None:
    """Wait until the server has recovered and takes recordings."""
    for _ in range(600):
        with psycopg.connect(cluster.url) as connection:
            row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
        if row == (False,):
            return
        time.sleep(0.1)
    raise AssertionError("it stays in recovery")
