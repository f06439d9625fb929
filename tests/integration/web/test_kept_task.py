"""A task of the server that fails by what nobody expected says so and begins again."""

from __future__ import annotations

import asyncio

import pytest

from registry.web.feeds import kept_task
from registry.web.feeds.kept_task import KeptTask
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
