"""A PostgreSQL primary and its standby, made by the programs that come along, each in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from registry.database import NoDatabase, embedded
from tools.waiting import wait_for

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "wal_level": "replica",
    "max_wal_senders": "5",
    "hot_standby": "on",
    "jit": "off",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class Cluster:
    """A server: its data and its socket are in its folder."""

    folder: Path

    @property
    def url(self) -> str:
        return f"postgresql://{embedded.NAME}@/{embedded.NAME}?host={quote(str(self.folder), safe='')}"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs in the folder, as an account that is not root."""
        embedded.run_program(self.folder, program, *arguments)

    def configure(self, **settings: str) -> None:
        """Set what stays set."""
        lines = (f"{name} = '{value}'\n" for name, value in (SETTINGS | settings).items())
        own = f"unix_socket_directories = '{self.folder}'\n"
        with (self.folder / "data" / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.write("".join(lines) + own)

    def start(self) -> None:
        embedded.forget_dead(self.folder, self.folder)
        self.run("pg_ctl", "-D", "data", "-l", "log", "-w", "start")

    def stop(self, mode: str = "immediate") -> None:
        with suppress(NoDatabase):
            self.run("pg_ctl", "-D", "data", "-m", mode, "-w", "stop")

    def kill(self) -> None:
        """Kill -9 of the server and all its processes, as a machine that loses its power."""
        lines = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
        postmaster = int(lines[0])
        children = [int(pid) for pid in Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()]
        for process in (postmaster, *children):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        wait_for(lambda: not Path(f"/proc/{postmaster}").exists() or _is_dead(postmaster))

    def pause(self, *, stopped: bool) -> None:
        """Stop a standby replaying what it receives, or let it go on."""
        what = "pg_wal_replay_pause" if stopped else "pg_wal_replay_resume"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"SELECT {what}()".encode())
            if stopped:
                state = b"SELECT pg_get_wal_replay_pause_state()"
                wait_for(lambda: connection.execute(state).fetchone() == ("paused",))

    def promote(self) -> None:
        self.run("pg_ctl", "-D", "data", "-w", "promote")


def _is_dead(process: int) -> bool:
    """Whether it has ended and only waits for its parent to hear of it."""
    return ") Z " in Path(f"/proc/{process}/stat").read_text()


@contextmanager
def clusters() -> Generator[tuple[Cluster, Cluster]]:
    """A primary with an empty database, and a standby that follows it; both stopped at the end."""
    base = Path(tempfile.mkdtemp(prefix="quanze-", dir="/tmp"))
    base.chmod(base.stat().st_mode | stat.S_IXOTH | stat.S_IXGRP)
    primary, standby = (Cluster(base / name) for name in ("primary", "standby"))
    try:
        for cluster in (primary, standby):
            cluster.folder.mkdir()
            if os.geteuid() == 0:
                account = embedded.account_of(cluster.folder)
                os.chown(cluster.folder, account.pw_uid, account.pw_gid)
        options = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", f"--username={embedded.NAME}")
        primary.run("initdb", "-D", "data", *options)
        primary.configure(fsync="off")
        primary.start()
        server = f"host='{primary.folder}' user={embedded.NAME} dbname=postgres"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {embedded.NAME}".encode())
        follow(standby, primary)
        yield primary, standby
    finally:
        for cluster in (standby, primary):
            cluster.stop()
        shutil.rmtree(base)


def programs(folder: Path, cluster: Cluster) -> None:
    """Put PostgreSQL's programs into a folder for PATH, such that root runs a server as the cluster's account."""
    folder.mkdir(exist_ok=True)
    account = cluster.folder.stat()
    drop = (
        f"setpriv --reuid={account.st_uid} --regid={account.st_gid} --clear-groups --securebits=+no_setuid_fixup"
        " --bounding-set=-all,+dac_override --inh-caps=+dac_override --ambient-caps=+dac_override"
    )
    for name in ("pg_basebackup", "pg_ctl", "psql"):
        shim = folder / name
        prefix = drop if os.geteuid() == 0 else ""
        shim.write_text(f'#!/bin/sh\nexec {prefix} {embedded.programs() / name} "$@"\n')
        shim.chmod(0o755)


def follow(standby: Cluster, primary: Cluster) -> None:
    """Copy the primary's data, and start a standby that follows it."""
    standby.run(
        "pg_basebackup", "-D", "data", "-R", "-X", "stream", "-c", "fast",
        "-h", str(primary.folder), "-U", embedded.NAME,
    )  # fmt: skip
    standby.configure(fsync="off")
    standby.start()
