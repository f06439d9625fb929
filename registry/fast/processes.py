"""Work on one piece after another by several processes, in the pieces' order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import Any, Final, TypeVar

T = TypeVar("T")

AHEAD: Final = 3  # pieces to a process that are worked on, or done and not taken yet


def in_order(work: Callable[..., T], pieces: Iterable[tuple[Any, ...]], workers: int) -> Generator[T]:
    """What `work` gives for each piece (its arguments), in their order, by so many processes started anew.

    Few pieces are worked on ahead of who takes them. Whoever does not take all closes it: then what is under way ends
    at once. Raises what `work` raises, and BrokenProcessPool where a process was ended from outside. The plain form is
    `work` called by this process.
    """
    others = set(multiprocessing.active_children())
    # Started anew and not forked: a copy of this process would hold its connections.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), ends_with_parent)
    begun: deque[Future[T]] = deque()
    following, whole = iter(pieces), False
    try:
        while True:
            begun.extend(pool.submit(work, *piece) for piece in islice(following, AHEAD * workers - len(begun)))
            if not begun:
                break
            yield begun.popleft().result()
        whole = True
    finally:
        if not whole:
            for child in set(multiprocessing.active_children()) - others:
                child.kill()
        pool.shutdown(cancel_futures=True)


def ends_with_parent() -> None:
    """Leave interrupts to the process that asks, and end when it has ended, however it did. For a new process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
