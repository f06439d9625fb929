"""A handful of the moments of `make chaos`."""

from __future__ import annotations

import pytest

from tests.support.preloaded import run_preloaded
from tools import chaos


@pytest.fixture(autouse=True)
def preloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What looks at what is left does not import the program anew; what is killed is started as users start it."""

    def done(self: chaos.Chaos, *arguments: str, home: str | None = None) -> bytes:
        environment = self.environment | ({"REGISTRY_HOME": home} if home else {})
        ran = run_preloaded([*arguments], environment, b"")
        if ran.returncode:
            raise chaos.Lost(f"{arguments}: {ran.stdout.decode()[:2000]} {ran.stderr.decode()}")
        return ran.stdout

    monkeypatch.setattr(chaos.Chaos, "done", done)


@pytest.mark.slow  # processes are started, killed and started again
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
