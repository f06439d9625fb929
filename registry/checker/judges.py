"""Who judges pieces of a country elsewhere than in the process that asks: several processes of this machine.

Whoever judges elsewhere opens its own connection, and first makes sure that it answers for the same registry: that it
knows the position, that the same decision is recorded there, and that its rules are the same.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final

import psycopg

from registry.checker.in_pieces import Judge, Judged, Task, judged, rule_versions
from registry.database import connect
from registry.domain.text import Text
from registry.fast.processes import ends_with_parent
from registry.log import positions

PER_WORKER: Final = 4  # pieces for each process, so that none waits long for the last of another
PATIENCE: Final = 60.0  # seconds for a replica to come to know the position
STEP: Final = 0.2  # seconds between two questions to it meanwhile


class JudgesElsewhere(Exception):
    """Who was to judge a piece would answer for something else than was asked about.

    code: `replica-behind`, `another-registry` or `other-rules`; `text` in zh and en.
    """

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(code, zh, en)
        self.code = code
        self.text = Text(zh, en)

    def __str__(self) -> str:
        return f"{self.text.zh} / {self.text.en}"


def judged_at(url: str, task: Task) -> Judged:
    """Judge a piece by the database at an address. Raises JudgesElsewhere, NoDatabase."""
    if task.versions != rule_versions():
        raise JudgesElsewhere(
            "other-rules",
            "判定进程的程序版本或词库与发起检查的不同，结果会不一致。请在各台机器装同一版本、配同样的词库后重试。",
            "A judging process has another version of the program or another thesaurus than the check, and would find "
            "otherwise. Install the same version with the same thesaurus on every machine, then try again.",
        )
    with connect(url, migrate=False) as connection:
        _need_same_log(connection, task)
        return judged(connection, task)


def _need_same_log(connection: psycopg.Connection[Any], task: Task) -> None:
    deadline = time.monotonic() + PATIENCE
    while positions.head(connection)[0] < task.known:
        if time.monotonic() > deadline:
            raise JudgesElsewhere(
                "replica-behind",
                f"判定进程所读的数据库尚未收到第 {task.known} 项决定。请查看只读副本是否在复制，或改读主库。",
                f"The database that a judging process reads does not know decision {task.known} yet. See whether the "
                "replica is replicating, or have it read the primary.",
            )
        time.sleep(STEP)
    if positions.leaf_at(connection, task.known) != task.leaf:
        raise JudgesElsewhere(
            "another-registry",
            f"判定进程所读的不是同一个登记册：第 {task.known} 项决定不同。请核对各台机器的数据库连接设置。",
            f"A judging process reads another registry: its decision {task.known} is a different one. See which "
            "database each machine is set to.",
        )


def by_processes(url: str, workers: int) -> Judge:
    """Return a judge that has so many processes of this machine judge, each with a connection to an address.

    What processes that were killed have not judged is judged by this one. The tasks are as many as `PER_WORKER` for
    each where that is possible. Raises what `judged_at` raises.
    """

    def judge(tasks: Sequence[Task]) -> Iterator[Judged]:
        left = {task.number: task for task in tasks}
        others = set(multiprocessing.active_children())
        # Started anew and not forked: a copy of this process would hold its connections.
        pool = ProcessPoolExecutor(min(workers, len(tasks)), multiprocessing.get_context("spawn"), ends_with_parent)
        try:
            for future in as_completed([pool.submit(judged_at, url, task) for task in tasks]):
                result = future.result()
                del left[result.number]
                yield result
        except BrokenProcessPool:
            pass
        finally:
            if left:  # they only read: nobody need wait for what is not wanted any more
                for child in set(multiprocessing.active_children()) - others:
                    child.kill()
            pool.shutdown(cancel_futures=True)
        for task in left.values():
            yield judged_at(url, task)

    return judge
