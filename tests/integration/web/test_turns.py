"""Large answers leave the event loop to others: of all that is ready at once only so much is done in one round."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import weakref
from collections.abc import Iterator

import pytest

from registry.fast import idle_collector
from registry.fast.idle_collector import Aside
from registry.web.graphql import turns
from registry.web.graphql.turns import Turns


def test_what_is_ready_at_once_is_done_a_round_at_a_time() -> None:
    async def rounds() -> list[int]:
        taken, weight, done = Turns(), turns.ROUND // 4, 0

        async def one() -> None:
            nonlocal done
            await taken.wait(weight)
            done += 1

        waiting = [asyncio.create_task(one()) for _ in range(100)]
        counts: list[int] = []
        while done < 100:
            before = done
            await asyncio.sleep(0)  # a round of the loop, in which others are answered
            counts.append(done - before)
        await asyncio.gather(*waiting)
        return counts

    counts = asyncio.run(rounds())
    assert max(counts) == 4
    assert sum(counts) == 100


def test_what_is_heavier_than_a_round_gets_one_and_who_leaves_gives_his_up() -> None:
    async def order() -> list[str]:
        taken, done = Turns(), list[str]()

        async def one(name: str, weight: int) -> None:
            await taken.wait(weight)
            done.append(name)

        tasks = {
            name: asyncio.create_task(one(name, weight))
            for name, weight in (("light", 1), ("heavy", 9 * turns.ROUND), ("gone", 1), ("last", 1))
        }
        await asyncio.sleep(0)
        tasks["gone"].cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        assert taken.take(turns.ROUND), "nothing is left of a round that is over"
        return done

    assert asyncio.run(order()) == ["light", "heavy", "last"]


@pytest.fixture
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("thresholds")
def test_full_passes_of_the_collector_wait_until_nobody_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_collector, "EVERY", 0.001)
    monkeypatch.setattr(idle_collector, "DUE", 1)

    async def passes(*, idle: bool) -> int:
        idle_collector.collect_when_idle(lambda: idle)
        before = gc.get_stats()[2]["collections"]
        rings: list[list[object]] = []
        for _ in range(200_000):  # enough for one by Python's own thresholds
            ring: list[object] = []
            ring.append(ring)
            rings.append(ring)
        for _ in range(20):
            await asyncio.sleep(0.002)
        return gc.get_stats()[2]["collections"] - before

    assert asyncio.run(passes(idle=False)) == 0
    assert asyncio.run(passes(idle=True)) >= 1


class Ring:
    """Refers to itself."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def nothing_aside() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.freeze()  # what all tests share


@pytest.mark.usefixtures("nothing_aside")
def test_what_outlives_an_idle_pass_is_looked_at_again_only_when_much_was_set_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(idle_collector, "COUNTED", 1)
    monkeypatch.setattr(idle_collector, "ASIDE_GROWN", 2**62)
    aside, busy, kept, fresh = idle_collector.Aside(), Ring(), Ring(), Ring()
    seen = {name: weakref.ref(ring) for name, ring in (("busy", busy), ("kept", kept), ("fresh", fresh))}
    aside.collect(idle=False)
    del busy
    aside.collect(idle=True)  # sets aside the others
    assert seen["busy"]() is None
    del kept, fresh
    aside.collect(idle=True)
    assert seen["kept"]() is not None
    monkeypatch.setattr(idle_collector, "ASIDE", -(2**62))
    aside.collect(idle=False, quiet=True)
    aside.collect(idle=True)  # for a moment: somebody may come meanwhile
    assert seen["kept"]() is not None
    aside.collect(idle=True, quiet=True)
    assert seen["kept"]() is None
    assert seen["fresh"]() is None


@pytest.mark.usefixtures("thresholds", "nothing_aside")
@pytest.mark.parametrize("much", ["ASIDE", "QUIET_GROWN"])
def test_all_is_looked_at_again_once_it_has_been_quiet(monkeypatch: pytest.MonkeyPatch, much: str) -> None:
    for name, value in (("EVERY", 0.001), ("DUE", 2**62), ("QUIET", 0.02), ("COUNTED", 1), ("GROWN", 2**62)):
        monkeypatch.setattr(idle_collector, name, value)
    for name in ("ASIDE", "QUIET_GROWN"):
        monkeypatch.setattr(idle_collector, name, -(2**62) if name == much else 2**62)

    async def freed(*, busy: bool) -> bool:
        aside, kept = Aside(), Ring()
        monkeypatch.setattr(idle_collector, "Aside", lambda: aside)
        seen = weakref.ref(kept)
        aside.collect(idle=True)  # sets it aside
        del kept
        idle_collector.collect_when_idle(lambda: not busy)
        for _ in range(100):
            await asyncio.sleep(0.002)
            if seen() is None:
                break
        return seen() is None

    assert not asyncio.run(freed(busy=True))
    assert asyncio.run(freed(busy=False))


@pytest.mark.usefixtures("nothing_aside")
def test_all_is_looked_at_again_as_the_process_grows_but_not_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle_collector, "ASIDE_GROWN", -(2**62))
    aside = Aside()
    assert aside.collect(idle=True)
    assert not aside.collect(idle=True)
    monkeypatch.setattr(idle_collector, "ASIDE_AGAIN", -1)
    assert not aside.collect(idle=False)
    assert aside.collect(idle=True)


SIZE, MANY = 60_000, 2_000
gives_back = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library gives nothing back on request"
)


def pieces() -> list[ctypes.c_void_p]:
    """Pieces of memory that are in use."""
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    made = [ctypes.c_void_p(library.malloc(SIZE)) for _ in range(MANY)]
    for piece in made:
        ctypes.memset(piece, 1, SIZE)
    return made


def free(made: list[ctypes.c_void_p]) -> None:
    for piece in made:
        ctypes.CDLL(None).free(piece)


@gives_back
@pytest.mark.usefixtures("thresholds", "nothing_aside")
def test_growth_is_measured_from_what_is_left_once_all_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the process may be larger by as much, each time that all is looked at."""
    for name, value in (("EVERY", 0.001), ("GROWN", 2**62), ("ASIDE_AGAIN", -1), ("ASIDE_GROWN", SIZE * MANY // 2)):
        monkeypatch.setattr(idle_collector, name, value)
    aside = Aside()
    monkeypatch.setattr(idle_collector, "Aside", lambda: aside)
    first = pieces()
    last = first.pop()  # stays on top of what is free
    free(first)
    full = idle_collector.resident()

    async def given_back() -> bool:
        idle_collector.collect_when_idle(lambda: True)
        for _ in range(2_000):
            await asyncio.sleep(0.002)
            if full - idle_collector.resident() > SIZE * MANY * 0.8:
                await asyncio.sleep(0.1)
                return True
        return False

    assert asyncio.run(given_back())
    assert not aside.due(quiet=False)
    again = pieces()
    assert aside.due(quiet=False)
    free([*again, last])


@gives_back
def test_what_is_free_between_pieces_in_use_is_given_back_to_the_system() -> None:
    made = pieces()
    full = idle_collector.resident()
    last = made.pop()  # stays on top of what is free
    free(made)
    idle_collector.give_back()
    assert full - idle_collector.resident() > SIZE * MANY * 0.8
    free([last])
