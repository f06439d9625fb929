"""A handful of the moments of `make chaos`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.preloaded import Preloaded, run_preloaded
from tools import chaos

pytestmark = pytest.mark.slow  # processes are started, killed and started again

USE = "from registry import database; database.url(); print('ready', flush=True); input()"


@pytest.fixture(autouse=True)
def preloaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What looks at what is left does not import the program anew; what is killed is started as users start it.

    Nor is it the last to use the database: to stop that and start it again took as long as the command.
    """
    whole = chaos.Chaos.begin

    def begin(self: chaos.Chaos, decisions: int) -> None:
        user = Preloaded(["-c", USE], self.environment, fed=True)
        users.callback(user.communicate)
        users.callback(user.kill)
        assert user.stdout.readline() == "ready\n", user.communicate()
        whole(self, decisions)

    def done(self: chaos.Chaos, *arguments: str, home: str | None = None) -> bytes:
        environment = self.environment | ({"REGISTRY_HOME": home} if home else {})
        ran = run_preloaded([*arguments], environment, b"")
        if ran.returncode:
            raise chaos.Lost(f"{arguments}: {ran.stdout.decode()[:2000]} {ran.stderr.decode()}")
        return ran.stdout

    monkeypatch.setattr(chaos.Chaos, "begin", begin)
    monkeypatch.setattr(chaos.Chaos, "done", done)
    with ExitStack() as users:
        yield


def test_killed_at_random_moments_nothing_is_lost_and_nothing_half() -> None:
    """One registry for all three: most of the time goes into looking, after each moment, at what is left."""
    done = chaos.run(3, seed=1, decisions=50, kinds=("import", "database", "backup"))
    assert done.killed == {"import": 1, "database": 1, "backup": 1}
    assert len(done.acknowledged) >= 52


def test_what_is_lost_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = chaos.Chaos.units

    def without_one(self: chaos.Chaos) -> set[str]:
        return whole(self) - {"420684"}

    monkeypatch.setattr(chaos.Chaos, "units", without_one)
    with pytest.raises(chaos.Lost, match="420684"):
        chaos.run(1, seed=1, decisions=1, kinds=("replay",))
