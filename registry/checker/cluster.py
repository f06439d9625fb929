"""Pieces of a country judged by the workers of a Dask cluster, each of which reads a database of its own setting.

Dask (the extra `cluster`) says who does what, and gives the pieces of a worker that is gone to another. No address of a
database and no password goes over the cluster: each worker is set up like a server of the registry, and reads the
replicas of REGISTRY_READ_URL in their turn, or else REGISTRY_DATABASE_URL.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

import psycopg

from registry import settings
from registry.checker.in_pieces import Judge, Judged, Task
from registry.checker.judges import JudgesElsewhere, judged_at
from registry.database import NoDatabase, replica_urls

RETRIES: Final = 2  # of a piece that failed, and not because its worker was gone
LOOK: Final = 1.0  # seconds between two looks whether there are any workers
PATIENCE: Final = 60.0  # seconds without any worker, after which nobody is waited for
CONNECTING: Final = 15.0  # seconds


def judged_here(task: Task) -> Judged:
    """Judge a piece in a worker, by the first database of its setting that can. Raises JudgesElsewhere, NoDatabase."""
    replicas = replica_urls()
    at = task.number % len(replicas) if replicas else 0
    urls = [*replicas[at:], *replicas[:at]]
    if primary := settings.DATABASE_URL.read():
        urls.append(primary)
    if not urls:
        # Its own embedded server would be another registry, and an empty one.
        raise JudgesElsewhere(
            "another-registry",
            "判定进程没有设置数据库：请在各台机器设 REGISTRY_READ_URL 或 REGISTRY_DATABASE_URL，再启动 dask worker。",
            "A judging process is set to no database: set REGISTRY_READ_URL or REGISTRY_DATABASE_URL on each machine "
            "before its dask worker is started.",
        )
    for url in urls[:-1]:
        try:
            return judged_at(url, task)
        except (NoDatabase, psycopg.OperationalError, JudgesElsewhere):
            continue
    return judged_at(urls[-1], task)


@contextmanager
def cluster_at(address: str) -> Generator[tuple[Judge, int]]:
    """A judge that has the workers of the scheduler at an address judge, and how many threads these have together.

    Raises JudgesElsewhere where there is no such cluster, no Dask, or for a minute no worker; and whatever a piece
    raised in each of its trials.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise _unavailable(
            "本机没有安装 Dask：请装附加项 cluster（pip install 'quanze[cluster]'）后重试。",
            "Dask is not installed here: install the extra cluster (pip install 'quanze[cluster]') and try again.",
        ) from None
    try:
        _need_somebody_there(address)
        client = distributed.Client(address, timeout=CONNECTING)
    except (OSError, TimeoutError, ValueError) as problem:
        raise _unavailable(
            f"连不上 Dask 调度器 {address}（{problem}）。请确认它已启动、地址写作 tcp://主机:8786。",
            f"The Dask scheduler {address} cannot be reached ({problem}). Check that it runs and that the address is "
            "written tcp://host:8786.",
        ) from None
    with client:

        def judge(tasks: Sequence[Task]) -> Iterator[Judged]:
            return _judged(distributed, client, tasks)

        yield judge, max(1, sum(client.nthreads().values()))


def _need_somebody_there(address: str) -> None:
    """Raises OSError where nobody listens, of which Dask would make sure for all the time that it may connect.

    ValueError where that is no address.
    """
    addressing: Any = import_module("distributed.comm.addressing")
    socket.create_connection(addressing.get_address_host_port(address), timeout=CONNECTING).close()


def _judged(distributed: Any, client: Any, tasks: Sequence[Task]) -> Iterator[Judged]:
    # Not `pure`: the same question put again is judged again, and not answered with what is kept of the first.
    left: set[Any] = {client.submit(judged_here, task, pure=False, retries=RETRIES) for task in tasks}
    seen = time.monotonic()
    while left:
        try:
            done, left = distributed.wait(left, timeout=LOOK, return_when="FIRST_COMPLETED")
        except TimeoutError:
            if client.nthreads():
                seen = time.monotonic()
            elif time.monotonic() - seen > PATIENCE:
                raise _unavailable(
                    f"Dask 集群里没有判定进程，还有 {len(left)} 片未判定。请启动 dask worker 后重试。",
                    f"The Dask cluster has no workers, and {len(left)} pieces are not judged. Start a dask worker, "
                    "then try again.",
                ) from None
            continue
        while done:
            try:
                result = done.pop().result()
            except distributed.KilledWorker:
                raise _unavailable(
                    "同一片的判定进程接连退出，多半是内存不足。请给 dask worker 更多内存后重试。",
                    "The workers that judged a piece ended one after another, likely for want of memory. Give the dask "
                    "workers more, then try again.",
                ) from None
            yield result


def _unavailable(zh: str, en: str) -> JudgesElsewhere:
    return JudgesElsewhere("cluster-unavailable", zh, en)
