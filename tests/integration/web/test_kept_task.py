"""A task of the server that fails by what nobody expected says so and begins again."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from registry import database
from registry.web.feeds import kept_task, repeated_warnings
from registry.web.feeds.kept_task import KeptTask
from registry.web.feeds.repeated_warnings import RepeatedWarnings
from tests.support.waiting import PATIENCE


class Failing(KeptTask):
    def __init__(self) -> None:
        super().__init__()
        self.begun = 0
        self.well = asyncio.Event()

    async def _keep(self) -> None:
        self.begun += 1
        if self.begun == 1:
            raise OSError
        self.well.set()
        await asyncio.Event().wait()


def test_it_begins_again_and_ends_with_the_server(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(kept_task, "AGAIN", 0.0)

    async def serve() -> int:
        task = Failing()
        task.start()
        task.start()
        async with asyncio.timeout(PATIENCE):
            await task.well.wait()
            task.end()
            await task.ended()
        return task.begun

    assert asyncio.run(serve()) == 2
    assert "Failing: OSError; it begins again" in caplog.text


def test_what_goes_on_being_wrong_is_logged_at_growing_intervals(caplog: pytest.LogCaptureFixture) -> None:
    seconds = 0.0
    warnings = RepeatedWarnings("delivering", lambda: seconds)
    newer, away = database.NoDatabase("database-newer", "新", "new"), OSError("away")
    logged = []
    for attempt in range(10_000):  # a day and more, one every ten seconds
        caplog.clear()
        warnings.note(newer)
        if caplog.messages:
            logged.append(attempt * 10)
        seconds += 10
    assert logged[:5] == [0, 60, 180, 420, 900]
    assert max(later - one for one, later in pairwise(logged)) == repeated_warnings.LONGEST
    caplog.clear()
    warnings.note(away)  # another problem is logged at once, and so is the end of it, once
    warnings.over()
    warnings.over()
    warnings.note(newer)
    first, *_ = (message.partition(":")[0] for message in caplog.messages)
    assert (first, len(caplog.messages)) == ("delivering", 3)
