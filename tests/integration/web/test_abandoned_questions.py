"""What of a question had still to begin when its client left is no warning of the server's; all else still is."""

from __future__ import annotations

import gc
import warnings

from registry.web.server import forgive_abandoned_questions


async def work() -> None:
    """Nothing: it is never awaited."""


def test_only_the_parts_of_questions_are_forgiven() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        forgive_abandoned_questions()
        for name in ("Executor.execute_fields.<locals>.get_results", "_checked.<locals>.limited", "work"):
            abandoned = work()
            abandoned.__qualname__ = name
            del abandoned
        gc.collect()
    assert ["'work'" in str(each.message) for each in seen] == [True]
