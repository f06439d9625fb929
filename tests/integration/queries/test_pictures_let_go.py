"""Pictures go when their last reader lets go of them: none waits for a pass of the collector, which may be far off."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import psycopg
import pytest

from registry import database
from registry.impact.since import since
from registry.log.recorder import head
from registry.queries.findings.findings import Checked
from registry.queries.holdings import balance
from registry.relations.two_times import AsOf
from registry.snapshot import kept
from registry.snapshot.over_time import load_over_time

COUNTY = "420684"
DAY = date(2026, 6, 1)
KEPT, POSITIONS = 3, 12  # pictures that are kept, and of so many positions


@pytest.fixture(scope="module")
def demo(demo_database: str) -> Iterator[psycopg.Connection[Any]]:
    with database.connect(demo_database) as connection:
        yield connection


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


def in_rings(work: Callable[[], object]) -> set[str]:
    """The program's own kinds of objects that a pass of the collector finds after the work."""
    work()  # what is made once for good
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    work()
    gc.collect()
    gc.set_debug(0)
    names = {repr(each.__class__) for each in gc.garbage}
    gc.garbage.clear()
    return {name for name in names if "registry." in name}


@pytest.mark.usefixtures("without_collector")
def test_what_was_checked_leaves_no_ring(demo: psycopg.Connection[Any]) -> None:
    moment = AsOf(DAY, head(demo)[0])

    def ask() -> None:
        checked = Checked()
        held = checked.within(demo, moment, [COUNTY])
        assert held, "nothing is found"
        checked.explained(demo, moment, COUNTY, checked.counted(demo, moment, COUNTY))
        checked.borne(demo, moment, sorted({finding.unit for finding in held})[:5])
        checked.balanced(demo, moment.known_at, COUNTY, [DAY])
        checked.duty_matrix(demo, moment, COUNTY)
        checked.missing_powers(demo, moment, [(finding.unit, finding.matter) for finding in held if finding.matter])

    assert in_rings(ask) == set()


@pytest.mark.usefixtures("without_collector")
def test_what_was_looked_at_over_time_leaves_no_ring(demo: psycopg.Connection[Any]) -> None:
    known = head(demo)[0]
    held = Checked().counted(demo, AsOf(DAY, known), COUNTY)[:100]

    def ask() -> None:
        assert any(since(demo, DAY, known, held).values())
        assert len(balance.over_time(demo, known, COUNTY, date(2024, 1, 1), DAY, "month")) > 12

    assert in_rings(ask) == set()


@pytest.mark.usefixtures("without_collector")
def test_no_more_pictures_are_in_memory_than_are_kept(
    demo: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = head(demo)[0]
    first = Checked().picture(demo, AsOf(DAY, known), [COUNTY])
    rows = sum(map(len, (first.units, first.matters, first.items, first.delegations, first.demands)))
    monkeypatch.setattr(kept, "MOST", KEPT * rows * 2_000 + 1)
    checked = Checked()
    seen: list[weakref.ref[Any]] = []
    for position in range(known - POSITIONS, known):
        moment = AsOf(DAY, position)
        assert checked.within(demo, moment, [COUNTY])
        seen.append(weakref.ref(checked.picture(demo, moment, [COUNTY]).delegations.kind))
    assert sum(each() is not None for each in seen) == KEPT


def test_a_day_says_the_same_after_the_one_it_was_made_for_is_gone(demo: psycopg.Connection[Any]) -> None:
    """What was made of a day may outlive it, and may ask it for more."""
    picture = Checked().picture(demo, AsOf(DAY, head(demo)[0]), [COUNTY])
    made = picture.once(_Holding)
    codes = picture.once(_codes)
    assert made.once(_codes) is codes
    assert picture.once(_Holding) is made
    del picture
    assert made.once(_codes) == codes


@pytest.mark.usefixtures("without_collector")
def test_a_span_of_days_can_be_asked_again_after_it_let_go(demo: psycopg.Connection[Any]) -> None:
    over_time = load_over_time(demo, head(demo)[0], [COUNTY], ["D-STRAW"])
    codes = list(over_time.side_by_side([DAY.toordinal()]).days[0].units.code)
    over_time.let_go()
    assert list(over_time.side_by_side([DAY.toordinal()]).days[0].units.code) == codes


class _Holding:
    """Holds on to the day that it was made of, as much of what is made of days does."""

    def __init__(self, day: Any) -> None:
        self._day = day

    def once(self, make: Callable[[Any], Any]) -> Any:
        return self._day.once(make)


def _codes(day: Any) -> list[str]:
    return [*day.units.code]
