"""A handful of the moments of `make chaos`."""

from __future__ import annotations

import pytest

from tools import chaos


@pytest.mark.slow  # processes are started, killed and started again
@pytest.mark.parametrize("kind", ["import", "database", "backup"])
def test_killed_at_a_random_moment_nothing_is_lost_and_nothing_half(kind: str) -> None:
    done = chaos.run(1, seed=1, decisions=50, kinds=(kind,))
    assert done.killed == {kind: 1}
    assert len(done.acknowledged) >= 52


def test_what_is_lost_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = chaos.Chaos.units

    def without_one(self: chaos.Chaos) -> set[str]:
        return whole(self) - {"420684"}

    monkeypatch.setattr(chaos.Chaos, "units", without_one)
    with pytest.raises(chaos.Lost, match="420684"):
        chaos.run(1, seed=1, decisions=1, kinds=("replay",))
